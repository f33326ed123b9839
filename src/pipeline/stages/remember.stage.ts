import { Inject, Injectable } from '@nestjs/common';
import { AccountSync, syncCauseOf } from '../../contracts/ports/account-sync.port.js';
import { AccountSignals } from '../account-signals.js';
import { accountSignal } from '../account-words.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Adds what was said to the memory of the account: kept first, and then the account's sync is asked for. */
@Injectable()
export class RememberStage implements Stage {
  readonly name = 'remember';

  constructor(
    private readonly signals: AccountSignals,
    @Inject(AccountSync) private readonly accountSync: AccountSync,
  ) {}

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    if (work.account === undefined || analysis === null) {
      const reason = analysis === null ? 'it is private' : 'no account of the CRM is known for it';
      return { status: 'skipped', work, details: { reason } };
    }
    await this.signals.add(work.account.id, accountSignal(record, analysis));
    await this.accountSync.request(work.account.id, syncCauseOf(work.event, true));
    return { status: 'completed', work, details: { accountId: work.account.id } };
  }
}
