import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ERASE_PERSON, type ErasureJob, ERASURES_QUEUE } from '../contracts/jobs.js';
import type { Erasure, Erasures } from '../contracts/ports/erasures.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { ErasureState } from './erasure.state.js';

/**
 * First the record, then the job. Dying in between leaves an erasure without a job; asking for the same person again
 * finds it open, and queues it: under its id the queue takes a job once.
 */
@Injectable()
export class ErasureQueue implements Erasures {
  constructor(
    @InjectQueue(ERASURES_QUEUE) private readonly queue: Queue<ErasureJob>,
    private readonly state: ErasureState,
  ) {}

  async start(email: string, by: string): Promise<Erasure> {
    const id = await this.state.open(email, by);
    await this.queue.add(
      ERASE_PERSON,
      { schemaVersion: 1, erasureId: id },
      { jobId: id, removeOnComplete: !QUEUE_POLICY[ERASURES_QUEUE].keepCompleted, removeOnFail: false },
    );
    const erasure = await this.state.find(id);
    if (erasure === undefined) throw new Error('an erasure was not kept');
    return erasure;
  }

  find(id: string): Promise<Erasure | undefined> {
    return this.state.find(id);
  }

  async list(limit: number): Promise<readonly Erasure[]> {
    const found = await Promise.all((await this.state.ids(limit)).map((id) => this.state.find(id)));
    return found.filter((erasure) => erasure !== undefined);
  }
}
