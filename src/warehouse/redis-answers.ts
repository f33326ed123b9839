/** The answers of a pipeline or transaction; the first error in it is thrown. */
export function allDone(answers: [Error | null, unknown][] | null): unknown[] {
  if (answers === null) throw new Error('the transaction was aborted');
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
