import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { type AppError, toAppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { type Checkpoint, contentOf, withDone } from './checkpoint.js';
import { historyRow, type StageRun } from './history-row.js';
import { type FlowStep, PIPELINE_FLOW, type StageName } from './pipeline.flow.js';
import type { EventWork, Stage, StageResult } from './stage.js';
import { AnalyseStage } from './stages/analyse.stage.js';
import { EnrichStage } from './stages/enrich.stage.js';
import { LandStage } from './stages/land.stage.js';
import { NotifyStage } from './stages/notify.stage.js';
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
 * Takes an event through the stages in the order of PIPELINE_FLOW. After each stage its rows and its history
 * row become durable, and then the checkpoint: a crash in between repeats the stage, and the warehouse's
 * keys absorb the repeated rows.
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
    @Inject(Outbox) private readonly outbox: Outbox,
    @InjectPinoLogger(EventRunner.name) private readonly logger: PinoLogger,
  ) {
    this.stages = new Map([land, enrich, analyse, store, notify].map((stage: Stage) => [stage.name, stage]));
  }

  /** @throws StageFailure when a stage fails; what it did until then is recorded. */
  async run(attempt: EventAttempt): Promise<RunOutcome> {
    const { event } = attempt;
    let { checkpoint } = attempt;
    let work: EventWork = { event, round: checkpoint.round };
    for (const step of PIPELINE_FLOW) {
      const { stage } = step;
      if (!attempt.mayWaitForVendor && this.waitsForVendor(stage, event)) return { type: 'hand-over' };
      const content = contentOf(work.record);
      const isDone = isDoneFor(checkpoint, stage, content);
      if (isDone && mayBeSkipped(step, checkpoint, content)) continue;
      if (!isDone) checkpoint = withDone(checkpoint, stage, content);
      const result = await this.runStage(stage, work, attempt, isDone ? undefined : checkpoint);
      work = result.work;
      if (result.isLast) break;
    }
    return this.outcomeOf(attempt, checkpoint, work);
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

  /** @param checkpoint what is done once this stage is; undefined when it is only worked out again. */
  private async runStage(
    name: StageName,
    work: EventWork,
    attempt: EventAttempt,
    checkpoint: Checkpoint | undefined,
  ): Promise<StageResult> {
    const startedAt = performance.now();
    const { event, jobId, start } = attempt;
    const run = { event, jobId, stage: name, attempt: attempt.attempt, round: work.round, start };
    try {
      const result = await this.stage(name).run(work);
      if (checkpoint === undefined) return result;
      const { status, details } = result;
      const history = historyRow({ ...run, status, durationMs: performance.now() - startedAt, details });
      await this.outbox.append([...(result.rows ?? []), history]);
      await attempt.save(checkpoint);
      return result;
    } catch (thrown) {
      const error = toAppError(thrown);
      const status = typeof error.retry === 'object' ? 'waiting' : 'failed';
      await this.recordFailure({ ...run, status, durationMs: performance.now() - startedAt, error });
      throw new StageFailure(name, error);
    }
  }

  private async recordFailure(run: StageRun): Promise<void> {
    try {
      await this.outbox.append([historyRow(run)]);
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

  private stage(name: StageName): Stage {
    const stage = this.stages.get(name);
    if (stage === undefined) throw new Error(`no stage named ${name}`);
    return stage;
  }
}

function isDoneFor({ done }: Checkpoint, stage: StageName, content: string): boolean {
  return done[stage]?.content === content;
}

/** Analysing again is worth it only for a later stage that has not had its result. */
function mayBeSkipped({ stage, onReturn }: FlowStep, checkpoint: Checkpoint, content: string): boolean {
  if (stage !== 'analyse') return onReturn !== 'repeat';
  return isDoneFor(checkpoint, 'store', content) && isDoneFor(checkpoint, 'notify', content);
}

/** What the rounds before have stored and told stays done; the vendor is asked anew. */
function nextRound({ round, done }: Checkpoint): Checkpoint {
  const { enrich: _asked, ...others } = done;
  return { round: round + 1, done: others };
}
