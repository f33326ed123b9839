/** An error as Snowflake answers it: HTTP 200 with `success: false` (facts §1, "Error classes"). */
export interface SnowflakeFailure {
  readonly code: string;
  readonly sqlState: string;
  readonly message: string;
}

/** What the server says when a session has no database, e.g. because the named one does not exist. */
export const NO_DATABASE: SnowflakeFailure = {
  code: '090105',
  sqlState: '22000',
  message:
    "Cannot perform the statement. This session does not have a current database. Call 'USE DATABASE'.",
};
export const LOCK_QUEUE_FULL: SnowflakeFailure = {
  code: '000625',
  sqlState: '57014',
  message: 'The number of waiters for this lock exceeds the 20 statements limit.',
};
export const CANCELED: SnowflakeFailure = {
  code: '000604',
  sqlState: '57014',
  message: 'SQL execution canceled',
};
export const NOT_AUTHORIZED: SnowflakeFailure = {
  code: '003001',
  sqlState: '42501',
  message: 'SQL access control error: insufficient privileges',
};
export const SESSION_EXPIRED: SnowflakeFailure = {
  code: '390112',
  sqlState: '08001',
  message: 'Your session has expired. Please login again.',
};
export const SESSION_GONE: SnowflakeFailure = {
  code: '390111',
  sqlState: '08001',
  message: 'Session no longer exists. New login required to access the service.',
};

const KNOWN: readonly [RegExp, string, string][] = [
  [/Malformed JSON/i, '100069', '22P02'],
  [/NOT NULL constraint/i, '100072', '22000'],
  [/Conversion Error|Could not (cast|convert)/i, '100035', '22007'],
  [/(Table|View) with name .* does not exist/i, '002003', '42S02'],
  [/already exists/i, '002002', '42710'],
  [/Parser Error/i, '001003', '42000'],
  [/Binder Error|Catalog Error/i, '000904', '42000'],
];

/** DuckDB's error as Snowflake would number it; its text may quote a cell, as Snowflake's do. */
export function failureOf(error: Error): SnowflakeFailure {
  const [, code, sqlState] = KNOWN.find(([pattern]) => pattern.test(error.message)) ?? [
    undefined,
    '000603',
    'XX000',
  ];
  return { code, sqlState, message: error.message };
}

export function failureBody({ code, sqlState, message }: SnowflakeFailure, queryId?: string): object {
  return {
    success: false,
    code,
    message,
    data: { errorCode: code, sqlState, ...(queryId !== undefined && { queryId }) },
  };
}
