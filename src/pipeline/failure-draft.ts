import type { AppError, ErrorCode } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { NotificationDraft } from '../contracts/notification.js';
import type { StageName } from './pipeline.flow.js';

/** What mends an error, for those where it is known; the dead letter is kept meanwhile. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  'PAYLOAD.NOT_UNDERSTOOD':
    'Look at the body in the raw table; if it should be understood, extend the adapter, then replay the dead letter.',
  'PAYLOAD.NOT_JSON': 'Look at the body in the raw table and tell its sender; replaying alone does not help.',
  'ZOHO.TASK_REFUSED':
    'Look at the mandatory fields and rules of Tasks in Zoho CRM, and whether the account is still there, then replay the dead letter.',
  'JOB.UNKNOWN': 'Run the release that queued it, or a newer one, then replay the dead letter.',
};

const DEFAULT_REMEDY =
  'Read the WEBHOOK_PROCESSING_HISTORY rows of this event, mend the cause, then replay the dead letter.';

/**
 * What agents hear of an event that became a dead letter: what failed, where and what to do, never a payload.
 * @param replayId of a replay whose operator wants to hear of the same failure again.
 */
export function failureDraft(
  event: Pick<VendorEvent, 'vendor' | 'kind' | 'eventId' | 'changeId' | 'correlationId' | 'receivedAt'>,
  stage: StageName,
  error: AppError,
  replayId?: string,
): NotificationDraft {
  return {
    channel: `${event.vendor}:errors`,
    changeId: event.eventId,
    news: [`${stage} ${error.code}`],
    ...(replayId !== undefined && { replayId }),
    message: {
      type: 'error',
      priority: 'medium',
      vendor: event.vendor,
      eventId: event.eventId,
      correlationId: event.correlationId,
      occurredAt: event.receivedAt,
      subject: null,
      summary: `A ${event.kind} event became a dead letter at stage ${stage}: ${error.code}`,
      insights: [],
      actions: [],
      nextSteps: [{ text: REMEDIES[error.code] ?? DEFAULT_REMEDY, insightIds: [] }],
      error: { code: error.code, message: messageFor(error), stage },
    },
  };
}

/** Our own messages are safe to tell; an unforeseen one may quote what it stumbled over. */
function messageFor(error: AppError): string {
  return error.code === 'STAGE.FAILED'
    ? 'an unexpected error; its history row has the details'
    : error.message;
}
