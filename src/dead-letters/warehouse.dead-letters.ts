import { Inject, Injectable } from '@nestjs/common';
import type { DeadLetter, DeadLetterDetail } from '../contracts/dead-letter.js';
import { type DeadLetterSource, KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { type RefusedRow, RefusedRows } from '../contracts/ports/refused-rows.port.js';

const PAGE = 500;

/** Rows that the warehouse can never take as they are. */
@Injectable()
@KeepsDeadLetters()
export class WarehouseDeadLetters implements DeadLetterSource {
  readonly name = 'warehouse';

  constructor(@Inject(RefusedRows) private readonly rows: RefusedRows) {}

  async list(offset: number, limit: number): Promise<DeadLetter[]> {
    const oldestFirst = await this.all();
    return oldestFirst
      .reverse()
      .slice(offset, offset + limit)
      .map((row) => this.letterOf(row));
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    const row = await this.rows.find(id);
    return row === undefined ? undefined : { ...this.letterOf(row), payload: row.values };
  }

  replay(id: string): Promise<boolean> {
    return this.rows.replay(id);
  }

  discard(id: string): Promise<boolean> {
    return this.rows.discard(id);
  }

  /** Poison rows are rare: they are read whole, so that the newest can come first. */
  private async all(): Promise<RefusedRow[]> {
    const found: RefusedRow[] = [];
    for (let cursor: string | undefined; ;) {
      const { rows, nextCursor } = await this.rows.list({}, PAGE, cursor);
      found.push(...rows);
      if (nextCursor === null) return found;
      cursor = nextCursor;
    }
  }

  private letterOf({ id, table, code, reason, refusedAt, values }: RefusedRow): DeadLetter {
    const { EVENT_ID: eventId, SOURCE_EVENT_ID: sourceEventId } = values;
    const event = eventId ?? sourceEventId;
    return {
      id: `${this.name}.${id}`,
      source: this.name,
      code,
      message: `${table}: ${reason}`,
      stage: null,
      vendor: null,
      kind: null,
      eventId: typeof event === 'string' ? event : null,
      entityId: null,
      correlationId: null,
      attempts: 1,
      failedAt: refusedAt,
      replayOf: null,
    };
  }
}
