import { PinoLogger } from 'nestjs-pino';
import type { EnrichedRecord } from '../../../src/contracts/conversation.js';
import { AppError } from '../../../src/contracts/errors.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import type { Outbox } from '../../../src/contracts/ports/outbox.port.js';
import type { TableRow } from '../../../src/contracts/tables.js';
import { type Checkpoint, NOTHING_DONE } from '../../../src/pipeline/checkpoint.js';
import { EventRunner, StageFailure } from '../../../src/pipeline/event-runner.js';
import { PIPELINE_FLOW, type StageName } from '../../../src/pipeline/pipeline.flow.js';
import type { EventWork, Stage, StageResult } from '../../../src/pipeline/stage.js';

const EVENT = { eventId: 'e', vendor: 'gong', kind: 'call', correlationId: 'c' } as VendorEvent;

/** A stage that leaves one row and notes that it ran. */
class RecordingStage implements Stage {
  constructor(
    readonly name: StageName,
    private readonly ran: StageName[],
    private readonly more: {
      fails?: AppError;
      waits?: boolean;
      record?: EnrichedRecord;
      isOff?: boolean;
    } = {},
  ) {}

  get isOff(): boolean {
    return this.more.isOff ?? false;
  }

  waitsForVendor(): boolean {
    return this.more.waits ?? false;
  }

  run(work: EventWork): Promise<StageResult> {
    this.ran.push(this.name);
    const { fails, record } = this.more;
    if (fails !== undefined) return Promise.reject(fails);
    return Promise.resolve({
      status: 'completed',
      work: record === undefined ? work : { ...work, record },
      rows: [{ table: 'GONG_WEBHOOKS_RAW', values: { STAGE: this.name } }],
    });
  }
}

class ListOutbox implements Outbox {
  readonly rows: TableRow[] = [];

  append(rows: readonly TableRow[]): Promise<void> {
    this.rows.push(...rows);
    return Promise.resolve();
  }

  waitingBytes(): Promise<number> {
    return Promise.resolve(0);
  }
}

function recordWith(quality: number, askAgainAfterMs?: number): EnrichedRecord {
  const status = askAgainAfterMs === undefined ? 'full' : 'partial';
  const enrichment = { status, ...(askAgainAfterMs !== undefined && { askAgainAfterMs }) };
  return { dataQuality: quality, enrichment } as EnrichedRecord;
}

type Special = Partial<Record<StageName, ConstructorParameters<typeof RecordingStage>[2]>>;

function setUp(special: Special = {}) {
  const ran: StageName[] = [];
  const saved: Checkpoint[] = [];
  const outbox = new ListOutbox();
  const stages = PIPELINE_FLOW.map(({ stage }) => new RecordingStage(stage, ran, special[stage]));
  const [land, enrich, analyse, store, notify, remember, assign] = stages as never[];
  const runner = new EventRunner(
    land!,
    enrich!,
    analyse!,
    store!,
    notify!,
    remember!,
    assign!,
    { request: () => Promise.resolve() },
    outbox,
    new PinoLogger({ pinoHttp: { level: 'silent' } }),
  );
  const run = (checkpoint = NOTHING_DONE, mayWaitForVendor = false) =>
    runner.run({
      event: EVENT,
      jobId: 'job',
      attempt: 1,
      start: 1,
      checkpoint,
      mayWaitForVendor,
      save: (done) => Promise.resolve(void saved.push(done)),
    });
  const history = () =>
    outbox.rows
      .filter(({ table }) => table === 'WEBHOOK_PROCESSING_HISTORY')
      .map(({ values }) => [values.STAGE, values.STATUS]);
  return { ran, saved, outbox, run, history };
}

const ORDER = PIPELINE_FLOW.map(({ stage }) => stage);
const BEFORE_ALL_IS_KNOWN: StageName[] = ['land', 'enrich', 'analyse', 'store', 'notify', 'remember'];

describe('EventRunner', () => {
  it('runs the stages in the order of the flow, each recorded and checkpointed', async () => {
    const { ran, saved, run, history } = setUp();
    expect(await run()).toEqual({ type: 'done' });
    expect(ran).toEqual(ORDER);
    expect(saved.map(({ done }) => Object.keys(done).at(-1))).toEqual(['land', 'store']);
    expect(history()).toEqual(ORDER.map((stage) => [stage, 'completed']));
  });

  it('resumes after every checkpoint: durable effects are skipped, what later stages need is worked out again', async () => {
    const first = setUp();
    await first.run();
    const expected: StageName[][] = [
      ['enrich', 'analyse', 'store', 'notify', 'remember', 'assign'],
      ['enrich', 'analyse', 'notify', 'remember', 'assign'],
    ];
    expect(first.saved).toHaveLength(expected.length);
    for (const [index, checkpoint] of first.saved.entries()) {
      const { ran, run, history } = setUp();
      await run(checkpoint);
      expect(ran).toEqual(expected[index]);
      // What was recorded before is not recorded again.
      expect(history()).toEqual(ORDER.slice(index === 0 ? 1 : 4).map((stage) => [stage, 'completed']));
    }
  });

  it('stops at the stage that fails, with its code in the history', async () => {
    const error = new AppError('PAYLOAD.NOT_UNDERSTOOD', 'odd');
    const { ran, run, outbox, history } = setUp({ enrich: { fails: error } });
    await expect(run()).rejects.toEqual(new StageFailure('enrich', error));
    expect(ran).toEqual(['land', 'enrich']);
    expect(history()).toEqual([
      ['land', 'completed'],
      ['enrich', 'failed'],
    ]);
    expect(outbox.rows.at(-1)?.values).toMatchObject({
      ERROR_CODE: 'PAYLOAD.NOT_UNDERSTOOD',
      ERROR_MESSAGE: 'odd',
    });
  });

  it('loses no row of the stages before when a later one fails', async () => {
    const { run, outbox, history } = setUp({
      store: { fails: new AppError('STAGE.FAILED', 'odd', 'backoff') },
    });
    await expect(run()).rejects.toBeInstanceOf(StageFailure);
    expect(history().map(([stage]) => stage)).toEqual(['land', 'enrich', 'analyse', 'store']);
    expect(outbox.rows.filter(({ table }) => table === 'GONG_WEBHOOKS_RAW')).toHaveLength(3);
  });

  it('records a vendor limit as waiting, not as a failure', async () => {
    const error = new AppError('STAGE.FAILED', 'quota', { afterMs: 1000 });
    const { run, history } = setUp({ enrich: { fails: error } });
    await expect(run()).rejects.toBeInstanceOf(StageFailure);
    expect(history().at(-1)).toEqual(['enrich', 'waiting']);
  });

  it('hands an event over when it would wait for its vendor in a queue where nobody waits', async () => {
    const { ran, run } = setUp({ enrich: { waits: true } });
    expect(await run()).toEqual({ type: 'hand-over' });
    expect(ran).toEqual(['land']);
    expect(await run(NOTHING_DONE, true)).toEqual({ type: 'done' });
  });

  it('stores and tells what there is, and asks again for the rest before it assigns anything', async () => {
    const first = setUp({ enrich: { record: recordWith(0.5, 30_000) } });
    const outcome = await first.run();
    expect(first.ran).toEqual(BEFORE_ALL_IS_KNOWN);
    expect(outcome).toMatchObject({ type: 'ask-again', afterMs: 30_000, checkpoint: { round: 1 } });
  });

  it('does nothing when the vendor has no more than before, and stores and tells when it has', async () => {
    const first = setUp({ enrich: { record: recordWith(0.5, 30_000) } });
    const outcome = await first.run();
    if (outcome.type !== 'ask-again') throw new Error('it should ask again');

    const same = setUp({ enrich: { record: recordWith(0.5, 60_000) } });
    expect(await same.run(outcome.checkpoint)).toMatchObject({ type: 'ask-again', checkpoint: { round: 2 } });
    expect(same.ran).toEqual(['enrich']);

    const more = setUp({ enrich: { record: recordWith(1) } });
    expect(await more.run(outcome.checkpoint)).toEqual({ type: 'done' });
    expect(more.ran).toEqual(ORDER.slice(1));
  });

  it('assigns once the vendor has said its last, even where that is nothing more', async () => {
    const first = setUp({ enrich: { record: recordWith(0.5, 30_000) } });
    const outcome = await first.run();
    if (outcome.type !== 'ask-again') throw new Error('it should ask again');
    const last = { ...recordWith(0.5), enrichment: { status: 'partial' } } as EnrichedRecord;
    const { ran, run, history } = setUp({ enrich: { record: last } });
    expect(await run(outcome.checkpoint)).toEqual({ type: 'done' });
    expect(ran).toEqual(['enrich', 'analyse', 'assign']);
    expect(history()).toEqual([
      ['enrich', 'completed'],
      ['assign', 'completed'],
    ]);
  });

  it('goes on as if a stage that is off were not there', async () => {
    const first = setUp({ assign: { isOff: true }, enrich: { record: recordWith(1) } });
    expect(await first.run()).toEqual({ type: 'done' });
    expect(first.ran).toEqual(BEFORE_ALL_IS_KNOWN);
    expect(first.history().map(([stage]) => stage)).toEqual(BEFORE_ALL_IS_KNOWN);
  });

  it('stores again when a repeat after a crash learns more than what was stored', async () => {
    const crashed = setUp({ enrich: { record: recordWith(0.5, 30_000) } });
    await crashed.run();
    const storedOnly = crashed.saved.at(-1);
    const { ran, run } = setUp({ enrich: { record: recordWith(1) } });
    await run(storedOnly);
    expect(ran).toEqual(ORDER.slice(1));
  });
});
