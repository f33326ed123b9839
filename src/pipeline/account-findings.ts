import { Inject, Injectable } from '@nestjs/common';
import type { AccountState } from '../contracts/ports/account-source.port.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';
import { type AccountAnalysis, InsightEngine } from '../contracts/ports/insight-engine.port.js';
import type { AccountDocument } from '../contracts/ports/memory.port.js';
import { AccountSignals } from './account-signals.js';
import type { SyncedAccount } from './account-sync.state.js';
import { changeSignal, withSignals } from './account-words.js';

/** What the change of an account means, and what its memory holds of that. */
@Injectable()
export class AccountFindings {
  constructor(
    @Inject(InsightEngine) private readonly engine: InsightEngine,
    private readonly signals: AccountSignals,
  ) {}

  /**
   * Compares a reading with the one before. Made again after a crash, it gives the same ids and replaces the
   * same signal.
   * @returns null for an account that is gone.
   */
  async of(
    { accountId, facts }: AccountState,
    causes: readonly SyncCause[],
    before: Pick<SyncedAccount, 'known' | 'rowVersion'>,
  ): Promise<AccountAnalysis | null> {
    if (facts === null) return null;
    const at = causes[0]?.receivedAt ?? '';
    const since = String(before.rowVersion);
    const analysis = await this.engine.compare({
      accountId,
      before: before.known,
      after: facts,
      since,
      changed: causes.flatMap(({ changed }) => changed ?? []),
      at,
    });
    if (analysis.insights.length > 0) await this.signals.add(accountId, changeSignal(since, at, analysis));
    return analysis;
  }

  /** What the CRM knows, and what was said in conversations; nothing stays of a deleted account. */
  async documentOf({ accountId, document }: AccountState): Promise<AccountDocument | null> {
    if (document === null) {
      await this.signals.forget(accountId);
      return null;
    }
    return withSignals(document, await this.signals.all(accountId));
  }
}

/** Notes that events name: those of deals and contacts are read only when asked for. */
export function namedNotes(causes: readonly SyncCause[]): string[] {
  const ids = causes.flatMap(({ changed }) => (changed?.module === 'Notes' ? [changed.recordId] : []));
  return [...new Set(ids)];
}
