import { AppError, type ErrorCode, type RetryPolicy } from '../../contracts/errors.js';

/**
 * What to do about a failure: log in anew, wait for a person (auth, config), try the same statement later, or
 * look for the row that is wrong.
 */
export type FailureKind = 'reconnect' | 'auth' | 'retry' | 'config' | 'data';

/** What the errors of snowflake-sdk hold, as far as it is of use. */
interface DriverError {
  readonly message?: string;
  readonly code?: string | number;
  readonly sqlState?: string;
  readonly data?: { readonly queryId?: string } | null;
}

/** The session is no more: the driver's own codes for a lost connection, and the server's for ended sessions. */
const RECONNECT = new Set(['401004', '405503', '407001', '407002', '390104', '390111', '390112', '390114']);
/** A missing object or right, no virtual warehouse, no database or schema, spent credits: a person must act. */
const CONFIG = new Set(['000606', '000904', '002003', '002043', '003001', '090073', '090105', '090106']);
/** Network, internal errors, cancelled, the queue of a lock is full, the statement's time is over. */
const RETRY = new Set(['401001', '401002', '401003', '000603', '000604', '000625', '000630']);

const ANSWERS: Record<FailureKind, { readonly code: ErrorCode; readonly retry: RetryPolicy }> = {
  reconnect: { code: 'WAREHOUSE.UNAVAILABLE', retry: 'backoff' },
  retry: { code: 'WAREHOUSE.UNAVAILABLE', retry: 'backoff' },
  auth: { code: 'WAREHOUSE.AUTHENTICATION', retry: 'never' },
  config: { code: 'WAREHOUSE.MISCONFIGURED', retry: 'never' },
  data: { code: 'WAREHOUSE.ROW_REFUSED', retry: 'never' },
};

/** A failure of Snowflake as one of ours. */
export class SnowflakeError extends AppError {
  constructor(
    readonly kind: FailureKind,
    message: string,
    cause?: unknown,
  ) {
    const { code, retry } = ANSWERS[kind];
    super(code, message, retry, { cause });
    this.name = 'SnowflakeError';
  }
}

/**
 * The driver's error with its kind. Snowflake's text may quote a cell of a row, so it is repeated only where
 * the failure is about logins and objects.
 * @param during at a login every refusal of the server is about who we are.
 */
export function snowflakeError(thrown: unknown, during: 'login' | 'statement'): SnowflakeError {
  if (thrown instanceof SnowflakeError) return thrown;
  const error = thrown as DriverError;
  const code = String(error.code ?? '').padStart(6, '0');
  const kind = during === 'login' && isRefusal(code) ? 'auth' : kindOf(code, error.sqlState ?? '');
  return new SnowflakeError(kind, described(error, code, kind), thrown);
}

function described({ message = '', sqlState, data }: DriverError, code: string, kind: FailureKind): string {
  const state = sqlState ? ` (${sqlState})` : '';
  const query = data?.queryId ? `, query ${data.queryId}` : '';
  const said = isSafeToRepeat(code, sqlState ?? '', kind) ? `: ${firstWords(message)}` : '';
  return `Snowflake error ${code}${state}${query}${said}`;
}

/** Of codes that we do not know, those of the classes 22 and 23 are about values, and their texts quote them. */
function isSafeToRepeat(code: string, sqlState: string, kind: FailureKind): boolean {
  if (kind === 'auth') return true;
  return kind === 'config' && (CONFIG.has(code) || !/^2[23]/.test(sqlState));
}

function kindOf(code: string, sqlState: string): FailureKind {
  if (RECONNECT.has(code)) return 'reconnect';
  if (RETRY.has(code)) return 'retry';
  if (CONFIG.has(code)) return 'config';
  if (isRefusal(code)) return 'auth';
  // Only the server's 100xxx are about values: it says 22000 of a session without a database too.
  if (/^100\d{3}$/.test(code) && /^2[23]/.test(sqlState)) return 'data';
  return /^(42|02|22|23)/.test(sqlState) ? 'config' : 'retry';
}

/** The server's 39xxxx are about logins and tokens. */
function isRefusal(code: string): boolean {
  return /^39\d{4}$/.test(code);
}

function firstWords(message: string): string {
  return message.replaceAll('\n', ' ').slice(0, 300);
}
