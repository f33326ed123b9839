import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TranslatedStatement } from './snowflake-sql.js';
import type { SnowflakeUser } from './snowflake-users.js';

/** A logged-in session: two tokens, a DuckDB connection, one statement at a time. */
export class SnowflakeSession {
  token = randomUUID();
  masterToken = randomUUID();
  /** The last statement; the next one of this session waits for it. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly id: number,
    readonly user: SnowflakeUser,
    readonly role: string,
    /** `DATABASE.SCHEMA`; null where the login named none that exists. */
    readonly place: string | null,
    readonly connection: DuckDBConnection,
  ) {}

  renewTokens(): void {
    this.token = randomUUID();
    this.masterToken = randomUUID();
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    // The next one waits for its end, not for its success.
    this.last = mine.catch(() => undefined);
    return mine;
  }

  mayRun({ kind, target }: TranslatedStatement): boolean {
    const rights = this.user.roles[this.role];
    if (rights === undefined) return false;
    if (rights === 'everything' || kind === 'select' || kind === 'session') return true;
    return rights.includes(kind) || rights.includes(`${kind} ${target}`);
  }
}
