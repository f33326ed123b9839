import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of a file that are not empty, with their numbers from 1; read as it goes, whatever its size. */
export async function* linesOf(
  path: string,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() !== '') yield { line, number };
  }
}

/** Says which line of which file could not be read. */
export function lineError(path: string, number: number, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${path}:${number}: ${message}`, { cause: error });
}
