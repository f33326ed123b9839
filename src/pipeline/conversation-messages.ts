import type { EnrichedRecord } from '../contracts/conversation.js';
import type { VendorEvent } from '../contracts/event.js';
import type { Analysis } from '../contracts/insight.js';
import { conversationDrafts } from '../contracts/notification-drafts.js';
import type { NotificationDraft } from '../contracts/notification.js';

/** What agents are to hear of a conversation: it, its insights and its tasks. */
export function conversationMessages(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
): NotificationDraft[] {
  const { vendor, eventId, changeId, correlationId } = event;
  const { occurredAt, subject, conversation } = record;
  const again = replayIdOf(event);
  return conversationDrafts(
    { vendor, eventId, changeId: changeId ?? eventId, correlationId, occurredAt, subject, ...again },
    conversation.kind,
    summaryOf(record, analysis),
    analysis,
  );
}

/** Only of a replay whose operator asked that agents be told again. */
function replayIdOf({ replay }: VendorEvent): { replayId?: string } {
  return replay?.notify === true && replay.id !== undefined ? { replayId: replay.id } : {};
}

function summaryOf(record: EnrichedRecord, analysis: Analysis | null): string {
  if (analysis === null) return `Private ${record.conversation.kind}: content withheld`;
  const counts = new Map<string, number>();
  for (const { kind } of analysis.insights) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const found = [...counts].map(([kind, count]) => `${count} ${kind.replace('_', ' ')}`).join(', ');
  const title = record.conversation.title ?? 'without a title';
  return `${analysis.priority} priority ${record.conversation.kind} "${title}": ${found === '' ? 'no insights' : found}`;
}
