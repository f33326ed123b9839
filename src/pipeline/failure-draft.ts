import type { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { NotificationDraft } from '../contracts/notification.js';
import type { StageName } from './pipeline.flow.js';

/** What agents hear of an event that became a dead letter: what failed and where, never a payload. */
export function failureDraft(
  event: Pick<VendorEvent, 'vendor' | 'kind' | 'eventId' | 'correlationId' | 'receivedAt'>,
  stage: StageName | 'remember',
  error: AppError,
): NotificationDraft {
  return {
    channel: `${event.vendor}:errors`,
    identity: [event.eventId, 'error', stage, error.code],
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
      nextSteps: [],
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
