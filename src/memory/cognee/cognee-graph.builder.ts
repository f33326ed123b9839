import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError, toAppError } from '../../contracts/errors.js';
import { MEMORY_KEY } from '../memory-keys.js';
import { CogneeApi } from './cognee.api.js';
import { CogneeCleaner } from './cognee.cleaner.js';
import { CogneeDataset } from './cognee.dataset.js';
import { CogneeState, type GraphNeed } from './cognee.state.js';
import type { GraphState } from './cognee-answers.js';
import { pipelineFailed } from './cognee-errors.js';
import { CogneeSettings } from './cognee-settings.js';
import { RedisLock } from './redis-lock.js';

/**
 * Has Cognee build its graph ("cognify") when documents have changed: once for many changes, by one process
 * at a time. That it is needed stands in Redis as two numbers, changes made and changes built, so a process
 * that dies in between leaves the need to the others, or to its own next start.
 */
@Injectable()
export class CogneeGraphBuilder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private pauseUntilMs = 0;
  /** True at first: a process that died may have left something. */
  private mustSweep = true;

  constructor(
    private readonly api: CogneeApi,
    private readonly dataset: CogneeDataset,
    private readonly state: CogneeState,
    private readonly cleaner: CogneeCleaner,
    private readonly lock: RedisLock,
    @Inject(CogneeSettings) private readonly settings: CogneeSettings,
    @InjectPinoLogger(CogneeGraphBuilder.name) private readonly logger: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.loop();
  }

  /** A run that Cognee is at goes on there; what it covers is asked again after the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      if (Date.now() >= this.pauseUntilMs) await this.check();
      await this.pause(this.settings.cognify.checkMs);
    }
  }

  private async check(): Promise<void> {
    try {
      const datasetId = await this.dataset.lastKnownId();
      if (datasetId === null) return;
      if (this.isDue(await this.state.graphNeed(datasetId))) {
        await this.lock.holding(`${MEMORY_KEY}:cognee:${datasetId}:graph-lock`, 0, () =>
          this.build(datasetId),
        );
      }
      if (this.mustSweep) {
        await this.cleaner.sweep(datasetId, this.stopping.signal);
        this.mustSweep = false;
      }
    } catch (thrown) {
      // The connections are closing; the need stays in Redis.
      if (this.isStopping) return;
      const { code, message, retry } = toAppError(thrown);
      const waitMs = typeof retry === 'object' ? retry.afterMs : 0;
      this.pauseUntilMs = Date.now() + Math.max(waitMs, this.settings.cognify.retryMs);
      this.logger.warn({ code, reason: message }, 'memory.graph_not_built');
    }
  }

  private isDue({ changes, built, oldestChangeMs, newestChangeMs }: GraphNeed): boolean {
    if (changes <= built) return false;
    const { quietMs, longestWaitMs } = this.settings.cognify;
    const now = Date.now();
    return now >= newestChangeMs + quietMs || now >= oldestChangeMs + longestWaitMs;
  }

  /** One run over all that had been added when it began; later changes need another. */
  private async build(datasetId: string): Promise<void> {
    const { changes, built } = await this.state.graphNeed(datasetId);
    // Another process was quicker.
    if (changes <= built) return;
    const startedAt = Date.now();
    const state = await this.finished(datasetId, await this.api.cognify(this.dataset.name));
    if (state === 'failed') throw pipelineFailed('cognify');
    if (state === 'running') return;
    await this.state.graphBuilt(datasetId, changes);
    this.mustSweep = true;
    this.logger.info(
      { changes: changes - built, milliseconds: Date.now() - startedAt },
      'memory.graph_built',
    );
  }

  /** Asks until the run has ended. @returns `running` when this process has to stop. */
  private async finished(datasetId: string, atFirst: GraphState): Promise<GraphState> {
    const { pollMs, runTimeoutMs } = this.settings.cognify;
    const deadline = Date.now() + runTimeoutMs;
    let state = atFirst;
    while (state === 'running' && !this.isStopping) {
      if (Date.now() >= deadline) throw runTooLong(runTimeoutMs);
      await this.pause(pollMs);
      if (!this.isStopping) state = await this.api.graphState(datasetId);
    }
    return state;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Waits so long, or until the process has to stop. */
  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.stopping.signal.addEventListener('abort', done);
      if (this.isStopping) done();
    });
  }
}

function runTooLong(milliseconds: number): AppError {
  return new AppError('MEMORY.PIPELINE_FAILED', `Cognee has not ended its run after ${milliseconds} ms`, {
    afterMs: 0,
  });
}
