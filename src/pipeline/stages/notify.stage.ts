import { Inject, Injectable } from '@nestjs/common';
import type { EnrichedRecord } from '../../contracts/conversation.js';
import type { VendorEvent } from '../../contracts/event.js';
import type { Analysis } from '../../contracts/insight.js';
import type { ChannelName, NotificationDraft } from '../../contracts/notification.js';
import { Notifier } from '../../contracts/ports/notifier.port.js';
import type { ConversationKind } from '../../contracts/vendor.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Tells agents about the conversation, once for each change and set of insights. */
@Injectable()
export class NotifyStage implements Stage {
  readonly name = 'notify';

  constructor(@Inject(Notifier) private readonly notifier: Notifier) {}

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    const published = await this.notifier.publish(conversationDraft(work.event, record, analysis));
    return { status: 'completed', work, details: { published } };
  }
}

const CHANNELS: Record<ConversationKind, ChannelName> = {
  call: 'gong:calls',
  email: 'gong:emails',
  meeting: 'gong:meetings',
};

function conversationDraft(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
): NotificationDraft {
  const insights = analysis?.insights ?? [];
  const { kind } = record.conversation;
  return {
    channel: CHANNELS[kind],
    identity: [event.changeId ?? event.eventId, kind, ...insights.map(({ id }) => id).sort()],
    message: {
      type: kind,
      priority: analysis?.priority ?? 'low',
      vendor: event.vendor,
      eventId: event.eventId,
      correlationId: event.correlationId,
      occurredAt: record.occurredAt,
      subject: record.subject,
      summary: summaryOf(record, analysis),
      insights,
      actions: insights.filter(({ kind }) => kind === 'action_item'),
      nextSteps: analysis?.nextSteps ?? [],
    },
  };
}

function summaryOf(record: EnrichedRecord, analysis: Analysis | null): string {
  if (analysis === null) return `Private ${record.conversation.kind}: content withheld`;
  const counts = new Map<string, number>();
  for (const { kind } of analysis.insights) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const found = [...counts].map(([kind, count]) => `${count} ${kind.replace('_', ' ')}`).join(', ');
  const title = record.conversation.title ?? 'without a title';
  return `${analysis.priority} priority ${record.conversation.kind} "${title}": ${found === '' ? 'no insights' : found}`;
}
