import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
  type PersonTrace,
} from '../contracts/ports/person-eraser.port.js';
import type { RefusedRow } from '../contracts/ports/refused-rows.port.js';
import type { RowCounts } from '../contracts/tables.js';
import { RedisOutbox } from './redis-outbox.js';
import { RedisRefusedRows } from './redis-refused-rows.js';
import { SqlErasure } from './sql-erasure.js';
import { SqlUpkeep } from './sql-upkeep.js';
import { SqlWarehouse } from './sql-warehouse.js';

const POLL_MS = 200;
/** Beyond the time that rows may wait anyway. */
const PATIENCE_SECONDS = 60;
const ASK_AGAIN_MS = 60_000;

/** Removes data where it lies: in the warehouse, on its way there, and among the refused rows. */
@Injectable()
@ErasesPersons('warehouse')
export class WarehouseKeeper implements PersonEraser {
  constructor(
    private readonly outbox: RedisOutbox,
    private readonly refused: RedisRefusedRows,
    private readonly config: AppConfig,
    @Inject(SqlWarehouse) private readonly warehouse: SqlWarehouse,
  ) {}

  /**
   * Bodies and contents are replaced, their rows and ids stay, so that a redelivery of the same event cannot bring
   * them back. Waits until what is on its way has arrived.
   * @throws AppError `WAREHOUSE.UNAVAILABLE` when rows on their way do not arrive in time.
   */
  async erasePerson(person: PersonToErase): Promise<RowCounts> {
    await this.untilArrived();
    const erasure = new SqlErasure(this.warehouse.upkeep, person.email);
    await person.addTraces(await erasure.traces());
    const counts = await erasure.erase(person.traces);
    for await (const row of this.refused.all()) {
      if (isAbout(row, person) && (await this.refused.discard(row.id))) {
        counts[row.table] = (counts[row.table] ?? 0) + 1;
      }
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

/** A refused row is a whole row in JSON, whose own JSON columns are text in it: their quotes are escaped. */
function isAbout({ values }: RefusedRow, person: PersonToErase): boolean {
  const { EVENT_TYPE, OBJECT_ID, CALL_ID, EMAIL_ID, MEETING_ID } = values;
  const abouts = [
    `${String(EVENT_TYPE)}:${String(OBJECT_ID)}`,
    `call:${String(CALL_ID)}`,
    `email:${String(EMAIL_ID)}`,
    `meeting:${String(MEETING_ID)}`,
  ];
  return (
    abouts.some((about) => person.traces.has(about as PersonTrace)) ||
    Object.values(values).some((cell) => person.isNamedIn(String(cell)))
  );
}
