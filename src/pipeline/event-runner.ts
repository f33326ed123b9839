import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { type AppError, toAppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { AttemptLedger } from './attempt-ledger.js';
import { type Checkpoint, contentOf } from './checkpoint.js';
import { historyRow, type StageRun } from './history-row.js';
import { type FlowStep, PIPELINE_FLOW, type StageName } from './pipeline.flow.js';
import type { EventWork, Stage, StageResult } from './stage.js';
import { AnalyseStage } from './stages/analyse.stage.js';
import { AssignStage } from './stages/assign.stage.js';
import { EnrichStage } from './stages/enrich.stage.js';
import { LandStage } from './stages/land.stage.js';
import { NotifyStage } from './stages/notify.stage.js';
import { RememberStage } from './stages/remember.stage.js';
import { ReviewQueue } from './review.queue.js';
import { StoreStage } from './stages/store.stage.js';

/** One attempt at an event, as the queue sees it. */
export interface EventAttempt {
  readonly event: VendorEvent;
  readonly jobId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** How often the job was started, waits included; 1 at first. */
  readonly start: number;
  /** What is done for good, from earlier attempts. */
  readonly checkpoint: Checkpoint;
  /** Whether this queue is the one in which events may wait for a vendor. */
  readonly mayWaitForVendor: boolean;
  /** Stores durably what is done. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** How an attempt ended; a failure is thrown instead. */
export type RunOutcome =
  | { readonly type: 'done' }
  /** The next stage may wait for a vendor: the event goes on in the enrichment queue. */
  | { readonly type: 'hand-over' }
  /** Something is missing that the vendor may have later. */
  | { readonly type: 'ask-again'; readonly afterMs: number; readonly checkpoint: Checkpoint };

/** What a stage starts from. */
interface StageStart {
  readonly work: EventWork;
  /** Names what is known of the event by now. */
  readonly content: string;
  /** It was done before, and is only worked out again: nothing is recorded. */
  readonly isDone: boolean;
}

/** An attempt ended at a stage; the processor decides by the error's policy what becomes of the event. */
export class StageFailure extends Error {
  constructor(
    readonly stage: StageName,
    readonly error: AppError,
  ) {
    super(`${error.code}: ${error.message}`, { cause: error });
    this.name = 'StageFailure';
  }
}

/**
 * Takes an event through the stages in the order of PIPELINE_FLOW. Each stage leaves its rows and a history
 * row; the stages that commit make durable what has gathered, and then the checkpoint.
 */
@Injectable()
export class EventRunner {
  private readonly stages: ReadonlyMap<StageName, Stage>;

  constructor(
    land: LandStage,
    enrich: EnrichStage,
    analyse: AnalyseStage,
    store: StoreStage,
    notify: NotifyStage,
    remember: RememberStage,
    assign: AssignStage,
    @Inject(ReviewQueue) private readonly reviews: Pick<ReviewQueue, 'request'>,
    @Inject(Outbox) private readonly outbox: Outbox,
    @InjectPinoLogger(EventRunner.name) private readonly logger: PinoLogger,
  ) {
    this.stages = new Map(
      [land, enrich, analyse, store, notify, remember, assign].map((stage: Stage) => [stage.name, stage]),
    );
  }

  /** @throws StageFailure when a stage fails; what it did until then is recorded. */
  async run(attempt: EventAttempt): Promise<RunOutcome> {
    const { event, checkpoint } = attempt;
    const ledger = new AttemptLedger(checkpoint, this.outbox, (done) => attempt.save(done));
    let work: EventWork = { event, round: checkpoint.round };
    let content = contentOf(work.record);
    for (const step of PIPELINE_FLOW) {
      if (!attempt.mayWaitForVendor && this.waitsForVendor(step.stage, event)) return { type: 'hand-over' };
      if (!this.isDue(step, work)) continue;
      const isDone = isDoneFor(ledger.checkpoint, step.stage, content);
      if (isDone && this.mayBeSkipped(step, work, ledger.checkpoint, content)) continue;
      const result = await this.runStage(step, { work, content, isDone }, attempt, ledger);
      // A record may hold an hour's transcript: it is named when it is new, not for each stage.
      if (result.work.record !== work.record) content = contentOf(result.work.record);
      work = result.work;
      if (result.isLast) break;
    }
    await ledger.commitRows();
    // Last, and before the job ends: dying in between repeats what is not done, and asks once more.
    await this.reviews.request(work, content);
    return this.outcomeOf(attempt, ledger.checkpoint, work);
  }

  private outcomeOf({ event, attempt }: EventAttempt, checkpoint: Checkpoint, work: EventWork): RunOutcome {
    const { eventId, correlationId, vendor } = event;
    const { round } = checkpoint;
    const afterMs = work.record?.enrichment.askAgainAfterMs;
    if (afterMs !== undefined) {
      this.logger.info({ eventId, correlationId, vendor, round, afterMs }, 'event.will_ask_again');
      return { type: 'ask-again', afterMs, checkpoint: nextRound(checkpoint) };
    }
    this.logger.info({ eventId, correlationId, vendor, attempt, round }, 'event.processed');
    return { type: 'done' };
  }

  private async runStage(
    { stage, commits }: FlowStep,
    { work, content, isDone }: StageStart,
    attempt: EventAttempt,
    ledger: AttemptLedger,
  ): Promise<StageResult> {
    const startedAt = performance.now();
    const { event, jobId, start } = attempt;
    const run = { event, jobId, stage, attempt: attempt.attempt, round: work.round, start };
    try {
      const result = await this.stage(stage).run(work);
      if (isDone) return result;
      const { status, details, rows = [] } = result;
      const history = historyRow({ ...run, status, durationMs: performance.now() - startedAt, details });
      ledger.note(stage, content, [...rows, history]);
      if (commits) await ledger.commit();
      return result;
    } catch (thrown) {
      const error = toAppError(thrown);
      const status = typeof error.retry === 'object' ? 'waiting' : 'failed';
      await this.recordFailure({ ...run, status, durationMs: performance.now() - startedAt, error }, ledger);
      throw new StageFailure(stage, error);
    }
  }

  private async recordFailure(run: StageRun, ledger: AttemptLedger): Promise<void> {
    try {
      await ledger.commitRows([historyRow(run)]);
    } catch (error) {
      // The outbox is what failed: the event is not lost for it, its job is retried.
      this.logger.error(
        { eventId: run.event.eventId, stage: run.stage, reason: (error as Error).message },
        'history.not_written',
      );
    }
  }

  private waitsForVendor(name: StageName, event: VendorEvent): boolean {
    return this.stage(name).waitsForVendor?.(event) ?? false;
  }

  private isDue({ stage, whenComplete }: FlowStep, { record }: EventWork): boolean {
    const isTooEarly = whenComplete === true && record?.enrichment.askAgainAfterMs !== undefined;
    return !isTooEarly && this.stage(stage).isOff !== true;
  }

  /** Analysing again is worth it only for a later stage that has not had its result. */
  private mayBeSkipped(
    { stage, onReturn }: FlowStep,
    work: EventWork,
    checkpoint: Checkpoint,
    content: string,
  ): boolean {
    if (stage !== 'analyse') return onReturn !== 'repeat';
    const later = AFTER_ANALYSIS.filter((step) => this.isDue(step, work));
    return later.every((step) => isDoneFor(checkpoint, step.stage, content));
  }

  private stage(name: StageName): Stage {
    const stage = this.stages.get(name);
    if (stage === undefined) throw new Error(`no stage named ${name}`);
    return stage;
  }
}

function isDoneFor({ done }: Checkpoint, stage: StageName, content: string): boolean {
  return done[stage]?.content === content;
}

const AFTER_ANALYSIS = PIPELINE_FLOW.slice(PIPELINE_FLOW.findIndex(({ stage }) => stage === 'analyse') + 1);

/** What the rounds before have stored and told stays done; the vendor is asked anew. */
function nextRound({ round, done }: Checkpoint): Checkpoint {
  const { enrich: _asked, ...others } = done;
  return { round: round + 1, done: others };
}
