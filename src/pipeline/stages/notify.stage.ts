import { Inject, Injectable } from '@nestjs/common';
import type { EnrichedRecord } from '../../contracts/conversation.js';
import type { VendorEvent } from '../../contracts/event.js';
import type { Analysis } from '../../contracts/insight.js';
import { conversationDrafts } from '../../contracts/notification-drafts.js';
import { Notifier } from '../../contracts/ports/notifier.port.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Tells agents about the conversation and its insights, each once; repeats hold no news and stay silent. */
@Injectable()
export class NotifyStage implements Stage {
  readonly name = 'notify';

  constructor(@Inject(Notifier) private readonly notifier: Notifier) {}

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    const { vendor, eventId, changeId, correlationId } = work.event;
    const { occurredAt, subject, conversation } = record;
    const again = replayIdOf(work.event);
    const drafts = conversationDrafts(
      { vendor, eventId, changeId: changeId ?? eventId, correlationId, occurredAt, subject, ...again },
      conversation.kind,
      summaryOf(record, analysis),
      analysis,
    );
    // All at once, in their order on one connection. If it dies in between, the retry tells the rest.
    const told = await Promise.all(drafts.map((draft) => this.notifier.publish(draft)));
    return {
      status: 'completed',
      work,
      details: { published: told.filter(Boolean).length, toldBefore: told.filter((isNew) => !isNew).length },
    };
  }
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
