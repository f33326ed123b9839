import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter, Histogram } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { Warehouse } from '../contracts/ports/warehouse.port.js';
import type { RowValues, TableName } from '../contracts/tables.js';
import type { Vendor } from '../contracts/vendor.js';
import { RedisOutbox, type WaitingRow } from './redis-outbox.js';

/** Measured knee of both warehouses; Snowflake advises to stay under 1 MB a statement, binds included. */
const MAX_BATCH_ROWS = 200;
const MAX_BATCH_BYTES = 900_000;
const POLL_MS = 200;

const VENDOR_OF_RAW_TABLE: Partial<Record<TableName, Vendor>> = {
  GONG_WEBHOOKS_RAW: 'gong',
  ZOHO_EVENTS_RAW: 'zoho',
};
const RETRY_MS = 1_000;

/**
 * Drains the outbox into the warehouse, table by table, one batch at a time. A row leaves the outbox only
 * after the commit; a crash in between writes it again, which its key absorbs.
 */
@Injectable()
export class TableLoader {
  private isStopping = false;
  private running?: Promise<void>;
  private pauseUntil = 0;

  constructor(
    private readonly outbox: RedisOutbox,
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
    this.isStopping = true;
    await this.running;
    try {
      await this.flush(() => true);
    } catch (error) {
      // Nothing is lost: the rows wait in the outbox for the next start.
      this.logger.error({ reason: (error as Error).message }, 'outbox.not_flushed');
    }
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      if (Date.now() >= this.pauseUntil) await this.flushDue();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async flushDue(): Promise<void> {
    try {
      await this.flush(({ rows, oldestAgeSeconds }) => {
        return (
          rows >= MAX_BATCH_ROWS || oldestAgeSeconds + POLL_MS / 1000 >= this.config.WAREHOUSE_FLUSH_SECONDS
        );
      });
    } catch (error) {
      this.pauseUntil = Date.now() + RETRY_MS;
      this.logger.warn({ reason: (error as Error).message }, 'outbox.flush_failed');
    }
  }

  private async flush(
    isDue: (backlog: { rows: number; oldestAgeSeconds: number }) => boolean,
  ): Promise<void> {
    for (const [table, backlog] of await this.outbox.backlogs()) {
      if (backlog.rows > 0 && isDue(backlog)) await this.drain(table, backlog.rows);
    }
  }

  /** Writes as many rows as waited when the round began; later ones wait for the next round. */
  private async drain(table: TableName, count: number): Promise<void> {
    for (let done = 0; done < count;) {
      const batch = await this.outbox.oldest(table, MAX_BATCH_ROWS, MAX_BATCH_BYTES);
      if (batch.length === 0) return;
      await this.write(table, batch);
      done += batch.length;
    }
  }

  /** Writes a batch; a row that can never be written is found by halving and set aside, the rest goes through. */
  private async write(table: TableName, batch: readonly WaitingRow[]): Promise<void> {
    const startedAt = performance.now();
    try {
      const changed = await this.warehouse.write(
        table,
        batch.map(({ values }) => values),
      );
      this.flushSeconds.observe((performance.now() - startedAt) / 1000);
      this.rows.inc({ table }, changed);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.isolate(table, batch, error);
      return;
    }
    await this.outbox.remove(table, batch);
    for (const { values } of batch) this.observeAge(table, values);
  }

  private async isolate(table: TableName, batch: readonly WaitingRow[], error: AppError): Promise<void> {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) {
      await this.outbox.refuse(table, only, `${error.code}: ${error.message}`);
      this.logger.error({ table, code: error.code, reason: error.message }, 'outbox.row_refused');
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.write(table, batch.slice(0, middle));
    await this.write(table, batch.slice(middle));
  }

  /** From the reception of a webhook to the commit of its raw row. */
  private observeAge(table: TableName, { RECEIVED_AT }: RowValues): void {
    const vendor = VENDOR_OF_RAW_TABLE[table];
    if (vendor === undefined || typeof RECEIVED_AT !== 'string') return;
    this.eventToRow.observe({ vendor }, (Date.now() - Date.parse(RECEIVED_AT)) / 1000);
  }
}

function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'WAREHOUSE.ROW_REFUSED';
}
