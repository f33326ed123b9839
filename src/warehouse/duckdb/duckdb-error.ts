import { AppError } from '../../contracts/errors.js';

const OUT_OF_MEMORY = 'Out of Memory Error';

/** Errors that say "this row", and will say it again whenever it is tried. */
const ROW_ERRORS = /^(Conversion|Constraint|Invalid Input|Out of Range|Out of Memory) Error/;

/**
 * DuckDB's error with our code. Its text may quote a cell, so it stays in the cause. A batch that does not fit
 * into memory is halved like one with a bad row; a row that does not fit alone can never be written.
 */
export function duckDbError(error: Error): AppError {
  const kind = error.message.split(':')[0] ?? 'Error';
  return ROW_ERRORS.test(error.message)
    ? new AppError('WAREHOUSE.ROW_REFUSED', `a row is refused: ${kind}`, 'never', { cause: error })
    : new AppError('WAREHOUSE.UNAVAILABLE', `DuckDB: ${kind}`, 'backoff', { cause: error });
}

/** Whether it, or what caused it, is DuckDB's word for having no memory left under its limit. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message.startsWith(OUT_OF_MEMORY) || isOutOfMemory(error.cause);
}
