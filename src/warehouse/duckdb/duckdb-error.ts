import { AppError } from '../../contracts/errors.js';

/** Errors that say "this row", and will say it again whenever it is tried. */
const ROW_ERRORS = /^(Conversion|Constraint|Invalid Input|Out of Range) Error/;

/** DuckDB's error with our code. Its text may quote a cell, so it stays in the cause. */
export function duckDbError(error: Error): AppError {
  const kind = error.message.split(':')[0] ?? 'Error';
  return ROW_ERRORS.test(error.message)
    ? new AppError('WAREHOUSE.ROW_REFUSED', `a row is refused: ${kind}`, 'never', { cause: error })
    : new AppError('WAREHOUSE.UNAVAILABLE', `DuckDB: ${kind}`, 'backoff', { cause: error });
}

/** A query of somebody else may have the memory, so this alone says nothing about a row. */
export function isOutOfMemory(error: Error): boolean {
  return error.message.startsWith('Out of Memory Error');
}
