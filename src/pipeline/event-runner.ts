import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { type AppError, toAppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { historyRow, type StageRun } from './history-row.js';
import { PIPELINE_FLOW, type StageName } from './pipeline.flow.js';
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
  /** The last stage that is done for good, from an earlier attempt. */
  readonly doneUntil?: StageName;
  /** Stores durably that everything up to this stage is done. */
  checkpoint(stage: StageName): Promise<void>;
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
  async run(attempt: EventAttempt): Promise<void> {
    let result: StageResult = { status: 'completed', work: { event: attempt.event } };
    const lastDone = PIPELINE_FLOW.findIndex(({ stage }) => stage === attempt.doneUntil);
    for (const [index, { stage, onResume }] of PIPELINE_FLOW.entries()) {
      const isDone = index <= lastDone;
      if (isDone && onResume === 'skip') continue;
      result = await this.runStage(stage, result.work, attempt, isDone);
      if (result.isLast) break;
    }
    const { eventId, correlationId, vendor } = attempt.event;
    this.logger.info({ eventId, correlationId, vendor, attempt: attempt.attempt }, 'event.processed');
  }

  private async runStage(
    name: StageName,
    work: EventWork,
    attempt: EventAttempt,
    isDone: boolean,
  ): Promise<StageResult> {
    const startedAt = performance.now();
    const { event, jobId } = attempt;
    const run = { event, jobId, stage: name, attempt: attempt.attempt };
    try {
      const result = await this.stage(name).run(work);
      if (isDone) return result;
      const { status, details } = result;
      const history = historyRow({ ...run, status, durationMs: performance.now() - startedAt, details });
      await this.outbox.append([...(result.rows ?? []), history]);
      await attempt.checkpoint(name);
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

  private stage(name: StageName): Stage {
    const stage = this.stages.get(name);
    if (stage === undefined) throw new Error(`no stage named ${name}`);
    return stage;
  }
}
