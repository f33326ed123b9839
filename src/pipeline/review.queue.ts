import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import type { EnrichedRecord } from '../contracts/conversation.js';
import type { VendorEvent } from '../contracts/event.js';
import { INSIGHT_REVIEW_QUEUE, type InsightReviewJob, REVIEW_INSIGHTS } from '../contracts/jobs.js';
import { InsightReviewer } from '../contracts/ports/insight-reviewer.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import type { EventWork } from './stage.js';

/** Asks for conversations to be read by a language model, after all else is done with them. */
@Injectable()
export class ReviewQueue {
  constructor(
    @InjectQueue(INSIGHT_REVIEW_QUEUE) private readonly queue: Queue<InsightReviewJob>,
    @Inject(InsightReviewer) private readonly reviewer: InsightReviewer,
    private readonly config: AppConfig,
  ) {}

  /**
   * Does nothing where no model is configured, nothing was said, or it must not be read.
   * @param content names what is known of the conversation: the same again is taken once while it waits.
   */
  async request(work: EventWork, content: string): Promise<void> {
    const { event, record, analysis } = work;
    if (!this.reviewer.isOn || record === undefined || analysis === undefined || analysis === null) return;
    if (record.conversation.utterances.length === 0) return;
    const replayedAtMs = event.replay === undefined ? 0 : Date.parse(event.replay.at);
    await this.queue.add(REVIEW_INSIGHTS, jobOf(event, record, work.account), {
      jobId: [event.eventId, content, analysis.ruleset, replayedAtMs].join('-'),
      attempts: this.config.WEBHOOK_MAX_RETRIES,
      backoff: { type: 'policy', delay: this.config.WEBHOOK_RETRY_DELAY_BASE * 1000 },
      removeOnComplete: !QUEUE_POLICY[INSIGHT_REVIEW_QUEUE].keepCompleted,
      removeOnFail: false,
    });
  }
}

function jobOf(event: VendorEvent, record: EnrichedRecord, account: EventWork['account']): InsightReviewJob {
  return { schemaVersion: 1, event, record, accountId: account?.id ?? null };
}
