import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ACCOUNT_SYNC_QUEUE, type AccountSyncJob } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters } from './job-dead-letters.js';

/** Syncs of CRM accounts that failed for good. The events that caused them wait with the account. */
@Injectable()
@KeepsDeadLetters()
export class AccountSyncDeadLetters extends JobDeadLetters<AccountSyncJob> {
  readonly name = ACCOUNT_SYNC_QUEUE;

  constructor(@InjectQueue(ACCOUNT_SYNC_QUEUE) queue: Queue<AccountSyncJob>) {
    super(queue);
  }

  protected subjectOf({ accountId }: AccountSyncJob): DeadLetterSubject {
    return {
      vendor: 'zoho',
      kind: 'record',
      eventId: null,
      entityId: accountId,
      correlationId: null,
      replayOf: null,
    };
  }

  protected payloadOf({ accountId }: AccountSyncJob): Json {
    return { accountId };
  }
}
