import { Inject, Injectable } from '@nestjs/common';
import { Notifier } from '../../contracts/ports/notifier.port.js';
import { conversationMessages } from '../conversation-messages.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Tells agents about the conversation and its insights, each once; repeats hold no news and stay silent. */
@Injectable()
export class NotifyStage implements Stage {
  readonly name = 'notify';

  constructor(@Inject(Notifier) private readonly notifier: Notifier) {}

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    const drafts = conversationMessages(work.event, record, analysis);
    // All at once, in their order on one connection. If it dies in between, the retry tells the rest.
    const told = await Promise.all(drafts.map((draft) => this.notifier.publish(draft)));
    return {
      status: 'completed',
      work,
      details: { published: told.filter(Boolean).length, toldBefore: told.filter((isNew) => !isNew).length },
    };
  }
}
