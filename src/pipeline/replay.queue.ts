import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { REPLAY_EVENTS, type ReplayJob, REPLAYS_QUEUE } from '../contracts/jobs.js';
import type { Replay, ReplayOrder, Replays, ReplayStatus } from '../contracts/ports/replays.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { ReplayState, type StoredReplay } from './replay.state.js';

/** First the order, then the job: a job always finds its order. Dying in between leaves one that never begins. */
@Injectable()
export class ReplayQueue implements Replays {
  constructor(
    @InjectQueue(REPLAYS_QUEUE) private readonly queue: Queue<ReplayJob>,
    private readonly state: ReplayState,
    private readonly config: AppConfig,
  ) {}

  async start(order: ReplayOrder): Promise<string> {
    const id = `r${randomBytes(9).toString('hex')}`;
    await this.state.create(id, order, new Date().toISOString());
    await this.queue.add(
      REPLAY_EVENTS,
      { schemaVersion: 1, replayId: id },
      {
        jobId: id,
        attempts: this.config.WEBHOOK_MAX_RETRIES,
        backoff: { type: 'policy', delay: this.config.WEBHOOK_RETRY_DELAY_BASE * 1000 },
        removeOnComplete: !QUEUE_POLICY[REPLAYS_QUEUE].keepCompleted,
        removeOnFail: false,
      },
    );
    return id;
  }

  async find(id: string): Promise<Replay | undefined> {
    const stored = await this.state.load(id);
    if (stored === undefined) return undefined;
    const counts = await this.state.counts(id);
    const isFailed = (await this.queue.getJobState(id)) === 'failed';
    const status = statusOf(stored, counts.open, isFailed);
    return { id, status, startedAt: stored.at, ...stored.order, ...counts };
  }

  async list(limit: number): Promise<readonly Replay[]> {
    const found = await Promise.all((await this.state.ids(limit)).map((id) => this.find(id)));
    return found.filter((replay) => replay !== undefined);
  }

  cancel(id: string): Promise<boolean> {
    return this.state.cancel(id);
  }
}

function statusOf({ position, isCancelled }: StoredReplay, open: number, isFailed: boolean): ReplayStatus {
  if (position === 'end') return open === 0 ? 'done' : 'running';
  if (isCancelled) return 'cancelled';
  return isFailed ? 'failed' : 'queueing';
}
