import type { Evidence, Insight, NextStep, Priority } from './insight.js';
import type { MatchedAccount } from './ports/account-matcher.port.js';
import type { ConversationKind } from './vendor.js';

/** What was said, word for word, and by whom. */
export type TaskQuote = Pick<Evidence, 'quote' | 'speaker' | 'side' | 'startMs'>;

/** A task for somebody of ours, as it is to stand in the CRM. */
export interface CrmTask {
  /** Of the action item or the next step: whatever comes again under this id is the same task. */
  readonly id: string;
  readonly account: MatchedAccount;
  /** One line. */
  readonly subject: string;
  /** ISO date; null where none was said. */
  readonly dueDate: string | null;
  /** Who of ours has to do it; null: whoever owns the account. */
  readonly ownerEmail: string | null;
  /** At least one: nothing is written without evidence. */
  readonly quotes: readonly TaskQuote[];
  readonly conversation: {
    readonly kind: ConversationKind;
    readonly title: string | null;
    /** ISO 8601. */
    readonly occurredAt: string | null;
    /** A page of the vendor's own; null where there is none that can be trusted. */
    readonly url: string | null;
  };
}

/** What a task rests on, for those who are told of it. */
export interface TaskGrounds {
  readonly priority: Priority;
  readonly insights: readonly Insight[];
  readonly actions: readonly Insight[];
  readonly nextSteps: readonly NextStep[];
}
