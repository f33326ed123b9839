import type { SqlDatabase, SqlRow, SqlStatement } from '../sql-database.js';
import type { SnowflakeCircuit } from './snowflake-circuit.js';
import type { SnowflakePool } from './snowflake-pool.js';
import type { StatementOptions, StatementOutcome } from './snowflake-session.js';
import { SNOWFLAKE } from './snowflake-sql.js';

/** SQL on Snowflake: a session of the pool, behind the circuit breaker, with a deadline and a tag. */
export class SnowflakeDatabase implements SqlDatabase {
  readonly dialect = SNOWFLAKE;

  constructor(
    private readonly pool: SnowflakePool,
    private readonly circuit: SnowflakeCircuit,
    private readonly options: StatementOptions,
  ) {}

  async query(statement: SqlStatement): Promise<SqlRow[]> {
    return [...(await this.run(statement)).rows];
  }

  async execute(statement: SqlStatement): Promise<number> {
    return (await this.run(statement)).changed;
  }

  /** Snowflake commits after each DDL: they run in order, and a repetition completes what was begun. */
  async executeAll(statements: readonly SqlStatement[]): Promise<void> {
    for (const statement of statements) await this.run(statement);
  }

  private run(statement: SqlStatement): Promise<StatementOutcome> {
    return this.circuit.run(() => this.pool.use((session) => session.run(statement, this.options)));
  }
}
