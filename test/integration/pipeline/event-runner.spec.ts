import { PinoLogger } from 'nestjs-pino';
import { AppError } from '../../../src/contracts/errors.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import type { Outbox } from '../../../src/contracts/ports/outbox.port.js';
import type { TableRow } from '../../../src/contracts/tables.js';
import { EventRunner, StageFailure } from '../../../src/pipeline/event-runner.js';
import { PIPELINE_FLOW, type StageName } from '../../../src/pipeline/pipeline.flow.js';
import type { EventWork, Stage, StageResult } from '../../../src/pipeline/stage.js';

const EVENT = { eventId: 'e', vendor: 'gong', kind: 'call', correlationId: 'c' } as VendorEvent;

/** A stage that leaves one row and notes that it ran. */
class RecordingStage implements Stage {
  constructor(
    readonly name: StageName,
    private readonly ran: StageName[],
    private readonly fails?: AppError,
  ) {}

  run(work: EventWork): Promise<StageResult> {
    this.ran.push(this.name);
    if (this.fails !== undefined) return Promise.reject(this.fails);
    return Promise.resolve({
      status: 'completed',
      work,
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

function setUp(failing?: { stage: StageName; error: AppError }) {
  const ran: StageName[] = [];
  const checkpoints: StageName[] = [];
  const outbox = new ListOutbox();
  const stages = PIPELINE_FLOW.map(
    ({ stage }) => new RecordingStage(stage, ran, failing?.stage === stage ? failing.error : undefined),
  );
  const [land, enrich, analyse, store, notify] = stages as never[];
  const runner = new EventRunner(
    land!,
    enrich!,
    analyse!,
    store!,
    notify!,
    outbox,
    new PinoLogger({ pinoHttp: { level: 'silent' } }),
  );
  const run = (doneUntil?: StageName) =>
    runner.run({
      event: EVENT,
      jobId: 'job',
      attempt: 1,
      ...(doneUntil !== undefined && { doneUntil }),
      checkpoint: (stage) => Promise.resolve(void checkpoints.push(stage)),
    });
  const history = () =>
    outbox.rows
      .filter(({ table }) => table === 'WEBHOOK_PROCESSING_HISTORY')
      .map(({ values }) => [values.STAGE, values.STATUS]);
  return { ran, checkpoints, outbox, run, history };
}

const ORDER = PIPELINE_FLOW.map(({ stage }) => stage);

describe('EventRunner', () => {
  it('runs the stages in the order of the flow, each recorded and checkpointed', async () => {
    const { ran, checkpoints, run, history } = setUp();
    await run();
    expect(ran).toEqual(ORDER);
    expect(checkpoints).toEqual(ORDER);
    expect(history()).toEqual(ORDER.map((stage) => [stage, 'completed']));
  });

  it('resumes after the last checkpoint: durable effects are skipped, what later stages need is worked out again', async () => {
    const { ran, checkpoints, run, history } = setUp();
    await run('store');
    expect(ran).toEqual(['enrich', 'analyse', 'notify']);
    expect(checkpoints).toEqual(['notify']);
    expect(history()).toEqual([['notify', 'completed']]);
  });

  it('stops at the stage that fails, with its code in the history', async () => {
    const error = new AppError('PAYLOAD.NOT_UNDERSTOOD', 'odd');
    const { ran, run, outbox, history } = setUp({ stage: 'enrich', error });
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

  it('records a vendor limit as waiting, not as a failure', async () => {
    const error = new AppError('STAGE.FAILED', 'quota', { afterMs: 1000 });
    const { run, history } = setUp({ stage: 'enrich', error });
    await expect(run()).rejects.toBeInstanceOf(StageFailure);
    expect(history().at(-1)).toEqual(['enrich', 'waiting']);
  });
});
