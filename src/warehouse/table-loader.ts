import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter, Histogram } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { AppError, isCoded, toAppError } from '../contracts/errors.js';
import { Warehouse } from '../contracts/ports/warehouse.port.js';
import type { RowValues, TableName } from '../contracts/tables.js';
import type { Vendor } from '../contracts/vendor.js';
import { type Backlog, RedisOutbox, type WaitingRow } from './redis-outbox.js';
import { type Lease, TableLeases } from './table-leases.js';

/** Measured knee of both warehouses; Snowflake advises to stay under 1 MB a statement, binds included. */
const MAX_BATCH_ROWS = 200;
const MAX_BATCH_BYTES = 900_000;
const POLL_MS = 200;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const VENDOR_OF_RAW_TABLE: Partial<Record<TableName, Vendor>> = {
  GONG_WEBHOOKS_RAW: 'gong',
  ZOHO_EVENTS_RAW: 'zoho',
};

/** A table whose last write failed. */
interface Pause {
  readonly failures: number;
  readonly until: number;
}

/** The lease of a table went to another process, which writes the rows again; their keys absorb it. */
class LeaseLost extends Error {}

/**
 * Drains the outbox into the warehouse: tables side by side, each one batch at a time, by one process. A row
 * leaves the outbox only after the commit; a crash in between writes it again, which its key absorbs.
 * When the warehouse fails, only the table waits, with growing pauses: events go on, their rows pile up here.
 */
@Injectable()
export class TableLoader {
  private isStopping = false;
  private running?: Promise<void>;
  private readonly pauses = new Map<TableName, Pause>();

  constructor(
    private readonly outbox: RedisOutbox,
    private readonly leases: TableLeases,
    private readonly config: AppConfig,
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    @InjectMetric('warehouse_rows_total') private readonly rows: Counter<'table'>,
    @InjectMetric('warehouse_flush_duration_seconds') private readonly flushSeconds: Histogram,
    @InjectMetric('event_to_row_seconds') private readonly eventToRow: Histogram<'vendor'>,
    @InjectPinoLogger(TableLoader.name) private readonly logger: PinoLogger,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  /** Ends the loop and writes what still waits, as far as Redis and the warehouse let it. */
  async stop(): Promise<void> {
    if (this.running === undefined) return;
    this.isStopping = true;
    await this.running;
    await this.round(() => true);
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      await this.round((backlog) => this.isDue(backlog));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private isDue({ rows, bytes, oldestAgeSeconds }: Backlog): boolean {
    return (
      rows >= MAX_BATCH_ROWS ||
      bytes >= MAX_BATCH_BYTES ||
      oldestAgeSeconds + POLL_MS / 1000 >= this.config.WAREHOUSE_FLUSH_SECONDS
    );
  }

  /** One look at every table. Never fails: what failed is logged, and waits for a later round. */
  private async round(isDue: (backlog: Backlog) => boolean): Promise<void> {
    try {
      const due = [...(await this.outbox.backlogs())].filter(([table, backlog]) => {
        return backlog.rows > 0 && isDue(backlog) && Date.now() >= (this.pauses.get(table)?.until ?? 0);
      });
      await Promise.all(due.map(([table, { rows }]) => this.load(table, rows)));
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'outbox.not_read');
    }
  }

  private async load(table: TableName, rows: number): Promise<void> {
    try {
      const isMine = await this.leases.whileHeld(table, (lease) => this.drain(table, rows, lease));
      if (isMine) this.pauses.delete(table);
    } catch (error) {
      if (error instanceof LeaseLost) this.logger.warn({ table }, 'outbox.lease_lost');
      else this.pause(table, error);
    }
  }

  private pause(table: TableName, thrown: unknown): void {
    const failures = (this.pauses.get(table)?.failures ?? 0) + 1;
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    // Half of it by chance, so that tables and processes do not come back together.
    const pauseMs = longest / 2 + (Math.random() * longest) / 2;
    this.pauses.set(table, { failures, until: Date.now() + pauseMs });
    const { code, message } = toAppError(thrown);
    this.logger.warn({ table, code, reason: message, failures, pauseMs }, 'outbox.flush_failed');
  }

  /** Writes as many rows as waited when the round began; later ones wait for the next round. */
  private async drain(table: TableName, count: number, lease: Lease): Promise<void> {
    for (let done = 0; done < count;) {
      const batch = await this.outbox.oldest(table, MAX_BATCH_ROWS, MAX_BATCH_BYTES);
      if (batch.length === 0) return;
      await this.write(table, batch, lease);
      done += batch.length;
    }
  }

  /** Writes a batch; a row that can never be written is found by halving and set aside, the rest goes through. */
  private async write(table: TableName, batch: readonly WaitingRow[], lease: Lease): Promise<void> {
    const startedAt = performance.now();
    try {
      const values = batch.map((row) => row.values);
      const changed = await this.warehouse.write(table, values);
      this.flushSeconds.observe((performance.now() - startedAt) / 1000);
      this.rows.inc({ table }, changed);
    } catch (error) {
      if (!isCoded(error, 'WAREHOUSE.ROW_REFUSED')) throw error;
      await this.isolate(table, batch, lease, error);
      return;
    }
    if (!(await this.outbox.remove(table, batch, lease))) throw new LeaseLost();
    for (const { values } of batch) this.observeAge(table, values);
  }

  private async isolate(
    table: TableName,
    batch: readonly WaitingRow[],
    lease: Lease,
    error: AppError,
  ): Promise<void> {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) {
      const { code, message } = error;
      await this.outbox.refuse(table, only, code, message);
      this.logger.error({ table, code, reason: message }, 'outbox.row_refused');
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.write(table, batch.slice(0, middle), lease);
    await this.write(table, batch.slice(middle), lease);
  }

  /** From the reception of a webhook to the commit of its raw row. */
  private observeAge(table: TableName, { RECEIVED_AT }: RowValues): void {
    const vendor = VENDOR_OF_RAW_TABLE[table];
    if (vendor === undefined || typeof RECEIVED_AT !== 'string') return;
    this.eventToRow.observe({ vendor }, (Date.now() - Date.parse(RECEIVED_AT)) / 1000);
  }
}
