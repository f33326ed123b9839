import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { RowCounts, WarehouseUpkeep } from '../contracts/ports/warehouse-upkeep.port.js';
import { RedisOutbox } from './redis-outbox.js';
import { RedisRefusedRows } from './redis-refused-rows.js';
import { mentionPattern, SqlUpkeep } from './sql-upkeep.js';
import { SqlWarehouse } from './sql-warehouse.js';

const POLL_MS = 200;
/** Beyond the time that rows may wait anyway. */
const PATIENCE_SECONDS = 60;
const ASK_AGAIN_MS = 60_000;

/** Removes data where it lies: in the warehouse, on its way there, and among the refused rows. */
@Injectable()
export class WarehouseKeeper implements WarehouseUpkeep {
  constructor(
    private readonly outbox: RedisOutbox,
    private readonly refused: RedisRefusedRows,
    private readonly config: AppConfig,
    @Inject(SqlWarehouse) private readonly warehouse: SqlWarehouse,
  ) {}

  async erasePerson(email: string): Promise<RowCounts> {
    await this.untilArrived();
    const counts = await new SqlUpkeep(this.warehouse.upkeep).erase(email);
    const mention = new RegExp(mentionPattern(email));
    for await (const { id, table, values } of this.refused.all()) {
      // A refused row is a whole row in JSON, whose own JSON columns are text in it: their quotes are escaped.
      const isAbout = Object.values(values).some((cell) => mention.test(String(cell).toLowerCase()));
      if (isAbout && (await this.refused.discard(id))) counts[table] = (counts[table] ?? 0) + 1;
    }
    return counts;
  }

  purge(): Promise<RowCounts> {
    const { RAW_RETENTION_DAYS: rawDays, HISTORY_RETENTION_DAYS: historyDays } = this.config;
    return new SqlUpkeep(this.warehouse.upkeep).purge({ rawDays, historyDays });
  }

  /** Rows that were on their way when this began would arrive after the erasure. */
  private async untilArrived(): Promise<void> {
    const onTheirWay = await this.outbox.newest();
    const deadline = Date.now() + (this.config.WAREHOUSE_FLUSH_SECONDS + PATIENCE_SECONDS) * 1000;
    while (await this.outbox.holds(onTheirWay)) {
      if (Date.now() > deadline) {
        throw new AppError('WAREHOUSE.UNAVAILABLE', 'rows that are on their way do not arrive', {
          afterMs: ASK_AGAIN_MS,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
