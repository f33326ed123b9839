import { Inject, Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { type ReplayJob, REPLAYS_QUEUE } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { Replays } from '../contracts/ports/replays.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters, NO_SUBJECT } from './job-dead-letters.js';

/** Replays from the archive that stopped half-way. Run again, one goes on where it stopped. */
@Injectable()
@KeepsDeadLetters()
export class ReplaysDeadLetters extends JobDeadLetters<ReplayJob> {
  readonly name = REPLAYS_QUEUE;

  constructor(
    @InjectQueue(REPLAYS_QUEUE) queue: Queue<ReplayJob>,
    @Inject(Replays) private readonly replays: Replays,
  ) {
    super(queue);
  }

  /** A replay without its job would be said to be queueing for ever. */
  override async discard(id: string): Promise<boolean> {
    const letter = await this.find(id);
    if (letter === undefined) return false;
    await this.replays.cancel(id);
    return super.discard(id);
  }

  protected subjectOf(): DeadLetterSubject {
    return NO_SUBJECT;
  }

  protected payloadOf({ replayId }: ReplayJob): Json {
    return { replayId };
  }
}
