import type { Bind, Column, Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk';
import type { SqlCell, SqlRow, SqlStatement } from '../sql-database.js';
import type { SnowflakeDriver } from './snowflake-driver.js';
import { SnowflakeError, snowflakeError } from './snowflake-error.js';

const LOGIN_DEADLINE_MS = 30_000;
const GOODBYE_DEADLINE_MS = 5_000;

export interface StatementOptions {
  readonly deadlineMs: number;
  /** Shown in Snowflake's query history. */
  readonly tag: string;
}

export interface StatementOutcome {
  readonly rows: readonly SqlRow[];
  /** Rows that a changing statement changed; 0 for others. */
  readonly changed: number;
}

/** One login. It runs one statement at a time, each with a deadline, and knows when it is of no more use. */
export class SnowflakeSession {
  readonly openedAt = Date.now();
  private isDead = false;
  /** Fails what runs now, for a shutdown that cannot wait. */
  private abandon?: (error: SnowflakeError) => void;

  private constructor(private readonly connection: Connection) {}

  /** @throws SnowflakeError */
  static async open(driver: SnowflakeDriver, options: ConnectionOptions): Promise<SnowflakeSession> {
    const connection = driver.createConnection(options);
    try {
      await withDeadline<void>(LOGIN_DEADLINE_MS, 'the login', (settle, fail) => {
        // connectAsync() resolves on a wrong password too; the callback is told of it.
        connection.connect((error) => (error ? fail(error) : settle()));
      });
    } catch (error) {
      throw snowflakeError(error, 'login');
    }
    return new SnowflakeSession(connection);
  }

  get isUsable(): boolean {
    return !this.isDead && this.connection.isUp();
  }

  /** @throws SnowflakeError; after its deadline the statement is cancelled, and the session is of no more use. */
  async run(statement: SqlStatement, options: StatementOptions): Promise<StatementOutcome> {
    try {
      return await this.runWithin(statement, options);
    } catch (thrown) {
      const error = snowflakeError(thrown, 'statement');
      // After an HTTP 401 the driver still believes that it is connected.
      if (error.kind === 'reconnect' || error.kind === 'auth') this.isDead = true;
      throw error;
    }
  }

  /** Asks whether the server still knows the session; wakes no virtual warehouse. @throws SnowflakeError */
  async heartbeat(deadlineMs: number): Promise<void> {
    const isKnown = await withDeadline<boolean>(deadlineMs, 'a heartbeat', (settle, fail) => {
      this.connection.isValidAsync().then(settle, fail);
    });
    if (isKnown) return;
    this.isDead = true;
    throw new SnowflakeError('reconnect', 'Snowflake does not know the session any more');
  }

  /** Logs out, if the server answers in time. Never fails. */
  async end(): Promise<void> {
    this.isDead = true;
    this.abandon?.(new SnowflakeError('retry', 'the session was ended while its statement ran'));
    try {
      await withDeadline<void>(GOODBYE_DEADLINE_MS, 'the logout', (settle) => {
        this.connection.destroy(() => settle());
      });
    } catch {
      // The server ends it by itself later; nobody waits for this session any more.
    }
  }

  private async runWithin(
    { sql, binds = [] }: SqlStatement,
    { deadlineMs, tag }: StatementOptions,
  ): Promise<StatementOutcome> {
    let running: RowStatement | undefined;
    try {
      return await withDeadline<StatementOutcome>(deadlineMs, 'the statement', (settle, fail) => {
        this.abandon = fail;
        running = this.connection.execute({
          sqlText: sql,
          binds: [...binds] as Bind[],
          // Without it the driver sends a failed statement twice, and may report another error than the first.
          streamResult: true,
          fetchAsString: ['JSON', 'Number'],
          parameters: { QUERY_TAG: tag, STATEMENT_TIMEOUT_IN_SECONDS: Math.ceil(deadlineMs / 1000) },
          complete: (error, statement) => {
            if (error) fail(error);
            else outcomeOf(statement).then(settle, fail);
          },
        });
      });
    } catch (error) {
      if (error instanceof SnowflakeError) {
        // Ours, so its time is over. The driver may go on sending it for a minute: the server is told to stop.
        this.isDead = true;
        running?.cancel(() => undefined);
      }
      throw error;
    } finally {
      this.abandon = undefined;
    }
  }
}

function withDeadline<T>(
  deadlineMs: number,
  what: string,
  start: (settle: (value: T) => void, fail: (error: Error) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SnowflakeError('retry', `${what} took longer than ${deadlineMs} ms`));
    }, deadlineMs);
    const settle = (value: T) => {
      clearTimeout(timer);
      resolve(value);
    };
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    try {
      start(settle, fail);
    } catch (error) {
      fail(error as Error);
    }
  });
}

async function outcomeOf(statement: RowStatement): Promise<StatementOutcome> {
  const columns = statement.getColumns() ?? [];
  const rows: SqlRow[] = [];
  for await (const row of statement.streamRows()) {
    const cells = row as Record<string, unknown>;
    rows.push(Object.fromEntries(columns.map((column) => [column.getName(), sqlCell(cells, column)])));
  }
  // The driver says -1 of a statement that changes no rows.
  return { rows, changed: Math.max(0, statement.getNumUpdatedRows() ?? 0) };
}

/** A cell of the driver as the rest of the house knows cells; numbers and JSON were asked for as text. */
function sqlCell(cells: Record<string, unknown>, column: Column): SqlCell {
  const value = cells[column.getName()];
  if (value === null || value === undefined) return null;
  if (value instanceof Date) {
    const instant = value.toISOString();
    return column.isDate() ? instant.slice(0, 10) : instant;
  }
  if (typeof value === 'boolean') return value;
  return column.isString() ? (value as string) : cellOfText(value as string, column);
}

/** What was asked for as text comes with the word NULL for SQL's NULL; JSON has no such word without quotes. */
function cellOfText(text: string, column: Column): SqlCell {
  if (text === 'NULL') return null;
  if (!column.isNumber()) return text;
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}
