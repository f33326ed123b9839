import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LOCK_QUEUE_FULL, NO_DATABASE, NOT_AUTHORIZED, failureBody, failureOf } from './snowflake-errors.js';
import { type Bind, bindValue, resultCell, type ResultColumn, resultColumn } from './snowflake-results.js';
import type { SnowflakeSession } from './snowflake-session.js';
import { MACROS, type TranslatedStatement, translate } from './snowflake-sql.js';

const MAX_LOCK_WAITERS = 20;

export interface StatementRequest {
  readonly sqlText: string;
  readonly bindings?: Readonly<Record<string, Bind>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface StatementResult {
  readonly typeId: number;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

interface TableLock {
  last: Promise<unknown>;
  /** Statements that have the lock or wait for it. */
  waiting: number;
  most: number;
}

/** The data behind the emulator: one in-memory DuckDB, with Snowflake's lock per table. */
export class SnowflakeTables {
  private readonly locks = new Map<string, TableLock>();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly places: readonly string[],
  ) {}

  /** @param places the schemas that exist, as `DATABASE.SCHEMA`. */
  static async create(places: readonly string[]): Promise<SnowflakeTables> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const connection = await instance.connect();
    for (const place of places) {
      const [database = '', schema = ''] = place.split('.');
      await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS ${database}`);
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${database}.${schema}`);
    }
    connection.closeSync();
    return new SnowflakeTables(instance, places);
  }

  /** A connection in this place, or in none where it does not exist: the login succeeds all the same. */
  async connect(place: string): Promise<{ connection: DuckDBConnection; place: string | null }> {
    const connection = await this.instance.connect();
    for (const macro of MACROS) await connection.run(macro);
    await connection.run("SET TimeZone = 'UTC'");
    if (!this.places.includes(place)) return { connection, place: null };
    await connection.run(`USE ${place}`);
    return { connection, place };
  }

  /** The most statements that ever changed a table or waited to, at once. */
  mostAtOnce(place: string, table: string): number {
    return this.locks.get(`${place}.${table}`)?.most ?? 0;
  }

  /** Looks into the tables from outside, in DuckDB's SQL. */
  async peek(place: string, sql: string): Promise<Record<string, unknown>[]> {
    const { connection } = await this.connect(place);
    try {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson();
    } finally {
      connection.closeSync();
    }
  }

  /** @returns the rows, or the body of the error that Snowflake would answer. */
  async run(
    session: SnowflakeSession,
    request: StatementRequest,
    queryId: string,
    isCanceled: () => boolean,
  ): Promise<StatementResult | { readonly error: object }> {
    const statement = translate(request.sqlText);
    if (session.place === null && statement.kind !== 'session') {
      return { error: failureBody(NO_DATABASE, queryId) };
    }
    if (!session.mayRun(statement)) return { error: failureBody(NOT_AUTHORIZED, queryId) };
    try {
      return await this.locked(session, statement, async () => {
        if (isCanceled()) throw new Error('canceled before it ran');
        return execute(session.connection, statement, bindsOf(request));
      });
    } catch (error) {
      if (error === LOCK_QUEUE_FULL) return { error: failureBody(LOCK_QUEUE_FULL, queryId) };
      return { error: failureBody(failureOf(error as Error), queryId) };
    }
  }

  close(): void {
    this.instance.closeSync();
  }

  /** Statements that change one table run one after the other; a queue of more than 20 is refused (facts §2, locks). */
  private async locked<T>(
    session: SnowflakeSession,
    { target }: TranslatedStatement,
    work: () => Promise<T>,
  ): Promise<T> {
    if (target === null) return work();
    const key = `${session.place}.${target}`;
    const lock = this.locks.get(key) ?? { last: Promise.resolve(), waiting: 0, most: 0 };
    this.locks.set(key, lock);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- a value of the protocol, caught by `run`
    if (lock.waiting > MAX_LOCK_WAITERS) throw LOCK_QUEUE_FULL;
    lock.waiting += 1;
    lock.most = Math.max(lock.most, lock.waiting);
    const mine = lock.last.then(() => work()).finally(() => (lock.waiting -= 1));
    // The next one waits for its end, not for its success.
    lock.last = mine.catch(() => undefined);
    return mine;
  }
}

function bindsOf({ bindings = {} }: StatementRequest): ReturnType<typeof bindValue>[] {
  return Object.entries(bindings)
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, bind]) => bindValue(bind));
}

async function execute(
  connection: DuckDBConnection,
  { kind, typeId, sql }: TranslatedStatement,
  binds: ReturnType<typeof bindValue>[],
): Promise<StatementResult> {
  if (kind === 'session') return message(typeId);
  const result = await connection.runAndReadAll(sql, binds);
  const counted = (verb: string, count: number) => [`number of rows ${verb}`, String(count)] as const;
  switch (kind) {
    case 'merge': {
      const actions = result.getRows().map(([action]) => action);
      const count = (action: string) => actions.filter((candidate) => candidate === action).length;
      return counts(typeId, [counted('inserted', count('INSERT')), counted('updated', count('UPDATE'))]);
    }
    case 'insert':
      return counts(typeId, [counted('inserted', result.rowsChanged)]);
    case 'update':
      return counts(typeId, [counted('updated', result.rowsChanged)]);
    case 'delete':
      return counts(typeId, [counted('deleted', result.rowsChanged)]);
    case 'select': {
      const types = result.columnTypes().map((type) => type.alias ?? type.toString());
      const columns = result
        .columnNames()
        .map((name, index) => resultColumn(name.toUpperCase(), types[index] ?? 'VARCHAR'));
      const rows = result
        .getRows()
        .map((row) => columns.map((column, index) => resultCell(row[index] ?? null, column)));
      return { typeId, columns, rows };
    }
    case 'ddl':
    case 'transaction':
      return message(typeId);
  }
}

function message(typeId: number): StatementResult {
  return {
    typeId,
    columns: [resultColumn('status', 'VARCHAR')],
    rows: [['Statement executed successfully.']],
  };
}

function counts(typeId: number, cells: readonly (readonly [string, string])[]): StatementResult {
  return {
    typeId,
    columns: cells.map(([name]) => resultColumn(name, 'BIGINT')),
    rows: [cells.map(([, count]) => count)],
  };
}
