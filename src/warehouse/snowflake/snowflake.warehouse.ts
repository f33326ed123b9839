import { createHash } from 'node:crypto';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../../config/app-config.js';
import { isCoded, toAppError } from '../../contracts/errors.js';
import type { CircuitState, WarehouseStatus } from '../../contracts/ports/warehouse.port.js';
import type { RowValues, TableName } from '../../contracts/tables.js';
import { type AppliedMigration, SchemaKeeper } from '../schema-keeper.js';
import { tableNamed } from '../schema.js';
import type { SqlWarehouse } from '../sql-warehouse.js';
import { SnowflakeCircuit } from './snowflake-circuit.js';
import { SnowflakeDatabase } from './snowflake-database.js';
import { loadSnowflakeDriver } from './snowflake-driver.js';
import { SnowflakeError } from './snowflake-error.js';
import { loginOptions } from './snowflake-login.js';
import { SnowflakePool } from './snowflake-pool.js';
import { SnowflakeSession } from './snowflake-session.js';
import { DROP_PARTS, KEEP_PART, SNOWFLAKE, writeFromParts } from './snowflake-sql.js';
import { partsOf } from './text-parts.js';

/** Snowflake's advice for the text of a statement, binds included. */
const MAX_BIND_BYTES = 1_000_000;
const PART_BYTES = 800_000;
/** What LISTAGG and a VARCHAR hold in every account; a larger row can never be written. */
const MAX_ROW_BYTES = 16_000_000;

/** How long things may take. A virtual warehouse that is asleep resumes within the first statement. */
export interface SnowflakeDeadlines {
  readonly writeMs: number;
  readonly readMs: number;
  readonly upkeepMs: number;
  readonly pingMs: number;
  /** A write that takes longer is accompanied by pings. */
  readonly watchMs: number;
  /** How long the start waits for a Snowflake that does not answer. */
  readonly openMs: number;
  /** How long a shutdown waits for statements in flight. */
  readonly closeMs: number;
}

const DEADLINES: SnowflakeDeadlines = {
  writeMs: 120_000,
  readMs: 30_000,
  upkeepMs: 600_000,
  pingMs: 2_000,
  watchMs: 10_000,
  openMs: 15_000,
  closeMs: 10_000,
};

/** Snowflake through its own driver. The service only checks its schema; `npm run migrate` changes it. */
export class SnowflakeWarehouse implements SqlWarehouse {
  readonly description: string;
  readonly reading: SnowflakeDatabase;
  readonly upkeep: SnowflakeDatabase;
  private readonly writing: SnowflakeDatabase;
  private readonly circuit = new SnowflakeCircuit();
  private readonly deadlines: SnowflakeDeadlines;
  private readonly pool: SnowflakePool;
  private readonly purgers: SnowflakePool;
  /** A session for questions of health, which must not wait behind writes. */
  private readonly probes: SnowflakePool;
  private readonly inFlight = new Set<Promise<unknown>>();
  /** Set while the schema is being checked, and when it was found to be the right one. */
  private verified?: Promise<void>;

  constructor(
    private readonly config: AppConfig,
    private readonly logger: PinoLogger,
    deadlines: Partial<SnowflakeDeadlines> = {},
  ) {
    const { SNOWFLAKE_ACCOUNT, SNOWFLAKE_DATABASE, SNOWFLAKE_SCHEMA, SNOWFLAKE_PURGER_ROLE } = config;
    this.description = `Snowflake ${SNOWFLAKE_ACCOUNT}, ${SNOWFLAKE_DATABASE}.${SNOWFLAKE_SCHEMA}`;
    this.deadlines = { ...DEADLINES, ...deadlines };
    this.pool = new SnowflakePool(() => this.logIn(), config.SNOWFLAKE_POOL_SIZE);
    this.purgers = new SnowflakePool(() => this.logIn(SNOWFLAKE_PURGER_ROLE), 1);
    this.probes = new SnowflakePool(() => this.logIn(), 1);
    this.writing = this.database('load', this.deadlines.writeMs);
    this.reading = this.database('read', this.deadlines.readMs);
    const upkeep = { deadlineMs: this.deadlines.upkeepMs, tag: tagOf('upkeep') };
    // A circuit of its own: that nobody may delete must not stop the loader.
    this.upkeep = new SnowflakeDatabase(this.purgers, new SnowflakeCircuit(), upkeep);
  }

  get status(): WarehouseStatus {
    return this.circuit.status;
  }

  watchCircuit(listener: (state: CircuitState) => void): void {
    this.circuit.watch(listener);
  }

  async open(): Promise<void> {
    try {
      await within(this.deadlines.openMs, this.ensureVerified());
    } catch (error) {
      if (isCoded(error, 'WAREHOUSE.SCHEMA_MISMATCH')) throw error;
      // Webhooks are taken all the same, and their rows wait in the outbox.
      const { code, message } = toAppError(error);
      this.logger.error({ code, reason: message }, 'warehouse.not_reached');
    }
  }

  migrate(): Promise<AppliedMigration[]> {
    const keeper = new SchemaKeeper(this.database('migrate', this.deadlines.upkeepMs));
    return keeper.migrate(this.config.SNOWFLAKE_USER ?? '');
  }

  async write(table: TableName, rows: readonly RowValues[]): Promise<number> {
    const writing = this.writeVerified(table, rows);
    this.inFlight.add(writing);
    // When nobody answers, the driver tries for a minute and a half before it says so. Asked beside it, Snowflake
    // answers at once or not at all, and the circuit learns of it.
    const watch = setInterval(() => void this.ping().catch(() => undefined), this.deadlines.watchMs);
    try {
      return await writing;
    } finally {
      clearInterval(watch);
      this.inFlight.delete(writing);
    }
  }

  async ping(): Promise<void> {
    const { pingMs } = this.deadlines;
    await this.circuit.run(() => {
      return within(
        pingMs,
        this.probes.use((session) => session.heartbeat(pingMs)),
      );
    });
  }

  async close(): Promise<void> {
    const { closeMs } = this.deadlines;
    const patience = new Promise((resolve) => setTimeout(resolve, closeMs).unref());
    await Promise.race([Promise.allSettled(this.inFlight), patience]);
    await Promise.all([this.pool, this.purgers, this.probes].map((pool) => pool.close()));
  }

  private async writeVerified(table: TableName, rows: readonly RowValues[]): Promise<number> {
    await this.ensureVerified();
    const text = JSON.stringify(rows);
    const bytes = Buffer.byteLength(text);
    if (bytes <= MAX_BIND_BYTES) {
      return this.writing.execute({ sql: SNOWFLAKE.write(tableNamed(table)), binds: [text] });
    }
    if (bytes > MAX_ROW_BYTES) {
      throw new SnowflakeError('data', `${bytes} bytes are more than Snowflake takes at once`);
    }
    return this.writeInParts(table, text);
  }

  /** Each step can be repeated; the parts of a load that ends in between are removed by the purge. */
  private async writeInParts(table: TableName, text: string): Promise<number> {
    const loadId = createHash('sha256').update(text).digest('hex');
    for (const [index, part] of partsOf(text, PART_BYTES).entries()) {
      await this.writing.execute({ sql: KEEP_PART, binds: [loadId, index, part] });
    }
    const changed = await this.writing.execute({ sql: writeFromParts(tableNamed(table)), binds: [loadId] });
    await this.writing.execute({ sql: DROP_PARTS, binds: [loadId] });
    return changed;
  }

  private ensureVerified(): Promise<void> {
    this.verified ??= new SchemaKeeper(this.reading).verify().catch((error: unknown) => {
      // Not known yet: whoever needs it next looks again.
      this.verified = undefined;
      throw error;
    });
    return this.verified;
  }

  private async logIn(role?: string): Promise<SnowflakeSession> {
    const driver = await loadSnowflakeDriver(this.logger);
    return SnowflakeSession.open(driver, loginOptions(this.config, role));
  }

  private database(task: string, deadlineMs: number): SnowflakeDatabase {
    return new SnowflakeDatabase(this.pool, this.circuit, { deadlineMs, tag: tagOf(task) });
  }
}

/** For Snowflake's query history: who ran it, and what for. */
function tagOf(task: string): string {
  return JSON.stringify({ app: 'tributary', task });
}

async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new SnowflakeError('retry', `no answer within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
