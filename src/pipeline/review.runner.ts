import { Inject, Injectable } from '@nestjs/common';
import type { AppError } from '../contracts/errors.js';
import type { InsightReviewJob } from '../contracts/jobs.js';
import { AccountSync, syncCauseOf } from '../contracts/ports/account-sync.port.js';
import { InsightReviewer, type ReviewedAnalysis } from '../contracts/ports/insight-reviewer.port.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { VendorAdapters } from '../vendors/vendor-adapters.js';
import { AccountSignals } from './account-signals.js';
import { accountSignal } from './account-words.js';
import { conversationMessages } from './conversation-messages.js';
import { historyRow } from './history-row.js';

/** One attempt at a review, as the queue sees it. */
export interface ReviewAttempt {
  readonly jobId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** How often the job was started; tells one wait from the next. */
  readonly start: number;
}

/**
 * Has a conversation read by the language model, and tells and stores what that adds, as a late transcript is told
 * and stored: a row of a higher revision, and messages only where there is news. All of it can be repeated; the
 * model is not asked again, because its answer is kept.
 */
@Injectable()
export class ReviewRunner {
  constructor(
    @Inject(InsightReviewer) private readonly reviewer: InsightReviewer,
    private readonly adapters: VendorAdapters,
    private readonly signals: AccountSignals,
    @Inject(AccountSync) private readonly accountSync: AccountSync,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Notifier) private readonly notifier: Notifier,
  ) {}

  /** @throws AppError `LLM.*` */
  async run(job: InsightReviewJob, attempt: ReviewAttempt): Promise<ReviewedAnalysis> {
    const startedAt = performance.now();
    const { event, record } = job;
    const analysis = await this.reviewer.analyse(record.conversation);
    const { added, raised } = analysis.review;
    const isNews = added + raised > 0;
    const rows = isNews ? this.adapters.of(event.vendor).enhancedRows(event, record, analysis) : [];
    const history = historyRow({
      ...attempt,
      event,
      stage: 'review',
      round: 0,
      status: 'completed',
      durationMs: performance.now() - startedAt,
      details: { ...analysis.review },
    });
    await this.outbox.append([...rows, history]);
    if (isNews) await this.tell(job, analysis);
    return analysis;
  }

  /** The rules' insights stand; that the model was not heard is on the record. */
  async giveUp({ event }: InsightReviewJob, attempt: ReviewAttempt, error: AppError): Promise<void> {
    const details = { reason: error.message, code: error.code };
    const history = {
      ...attempt,
      event,
      stage: 'review',
      round: 0,
      status: 'skipped',
      durationMs: 0,
      details,
    } as const;
    await this.outbox.append([historyRow(history)]);
  }

  private async tell(
    { event, record, accountId }: InsightReviewJob,
    analysis: ReviewedAnalysis,
  ): Promise<void> {
    for (const draft of conversationMessages(event, record, analysis)) await this.notifier.publish(draft);
    if (accountId === null) return;
    await this.signals.add(accountId, accountSignal(record, analysis));
    await this.accountSync.request(accountId, syncCauseOf(event, true));
  }
}
