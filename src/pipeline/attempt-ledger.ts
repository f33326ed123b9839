import type { Outbox } from '../contracts/ports/outbox.port.js';
import type { TableRow } from '../contracts/tables.js';
import { type Checkpoint, withDone } from './checkpoint.js';
import type { StageName } from './pipeline.flow.js';

/**
 * What an attempt has done and not yet made durable. Rows of stages that a repeat works out again wait for the
 * next stage whose effect lasts, so that one write to Redis serves several stages. First the rows, then the
 * checkpoint: dying in between writes the rows again, which the warehouse's keys absorb.
 */
export class AttemptLedger {
  private waiting: TableRow[] = [];

  constructor(
    public checkpoint: Checkpoint,
    private readonly outbox: Outbox,
    private readonly save: (checkpoint: Checkpoint) => Promise<void>,
  ) {}

  /** Notes a finished stage; `commit` makes it last. */
  note(stage: StageName, content: string, rows: readonly TableRow[]): void {
    this.waiting.push(...rows);
    this.checkpoint = withDone(this.checkpoint, stage, content);
  }

  /** Makes the rows durable. */
  async commitRows(more: readonly TableRow[] = []): Promise<void> {
    const rows = [...this.waiting, ...more];
    if (rows.length === 0) return;
    await this.outbox.append(rows);
    this.waiting = [];
  }

  /** Makes the rows and what is done durable. */
  async commit(): Promise<void> {
    await this.commitRows();
    await this.save(this.checkpoint);
  }
}
