import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError } from '../contracts/errors.js';
import { AccountSource, type AccountState } from '../contracts/ports/account-source.port.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';
import { Memory } from '../contracts/ports/memory.port.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import type { NotificationDraft } from '../contracts/notification.js';
import { accountChangeDrafts } from './account-change.drafts.js';
import { AccountFindings, namedNotes } from './account-findings.js';
import { AccountSyncState, type SyncedAccount, type UnrememberedReading } from './account-sync.state.js';
import { syncHistoryRow } from './history-row.js';

/** One run of an account's sync, as the queue sees it. */
export interface SyncAttempt {
  readonly accountId: string;
  readonly jobId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

export type SyncOutcome =
  | { readonly type: 'synced' | 'nothing-to-do' }
  /** The account was synced a moment ago: what comes until then is done together. */
  | { readonly type: 'later'; readonly afterMs: number };

/**
 * Least time between two syncs of an account. The first change is told at once; a burst of changes costs one
 * more sync when it is over, and not one for each.
 */
export const SYNC_SPACING_MS = 10_000;

const FORGOTTEN = 'forgotten';

/**
 * Reads an account, works out what its change means, leaves a snapshot if there is news, tells agents and memory, and notes for each event what became of
 * it. Each step is durable before the next; a crash repeats the step, and the same row or document again
 * changes nothing. Memory's failure does not make the account be read again.
 */
@Injectable()
export class AccountSyncRunner {
  constructor(
    private readonly state: AccountSyncState,
    private readonly findings: AccountFindings,
    @Inject(AccountSource) private readonly source: AccountSource,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectPinoLogger(AccountSyncRunner.name) private readonly logger: PinoLogger,
  ) {}

  /** @throws AppError of the CRM or of memory, each with its own retry policy. */
  async run(attempt: SyncAttempt): Promise<SyncOutcome> {
    const { accountId } = attempt;
    const startedAt = performance.now();
    const causes = await this.state.causes(accountId);
    if (causes.length === 0) return { type: 'nothing-to-do' };
    const before = await this.state.load(accountId);
    const sinceLastMs = Date.now() - before.syncedAtMs;
    if (sinceLastMs < SYNC_SPACING_MS) return { type: 'later', afterMs: SYNC_SPACING_MS - sinceLastMs };
    const run = await this.state.begin(accountId);
    const reading = covers(before.unremembered, causes) ?? (await this.read(accountId, causes, before));
    await this.refuseUnlessLatest(accountId, run);
    const memory = await this.remember(accountId, reading, before, causes);
    const details = {
      accountId,
      memory,
      ...(reading.missingParts.length > 0 && { missing: reading.missingParts }),
    };
    const durationMs = performance.now() - startedAt;
    const history = { ...attempt, status: 'completed' as const, durationMs, details };
    await this.outbox.append(causes.map((cause) => syncHistoryRow(cause, history)));
    await this.state.finish(accountId, causes, reading.document?.contentHash ?? FORGOTTEN);
    this.logger.info({ accountId, events: causes.length, memory }, 'account.synced');
    return { type: 'synced' };
  }

  /** A process that slept through its lock must not tell memory what it read before it slept. */
  private async refuseUnlessLatest(accountId: string, run: number): Promise<void> {
    if (await this.state.isLatest(accountId, run)) return;
    throw new AppError('SYNC.SUPERSEDED', 'another worker has taken up this sync', { afterMs: 1_000 });
  }

  private async read(
    accountId: string,
    causes: readonly SyncCause[],
    before: SyncedAccount,
  ): Promise<UnrememberedReading> {
    const account = await this.source.read(accountId, namedNotes(causes));
    const { contentHash, missingParts } = account;
    const analysis = await this.findings.of(account, causes, before);
    const document = await this.findings.documentOf(account);
    const isNews = contentHash !== before.contentHash || (analysis?.insights.length ?? 0) > 0;
    const version = versionOf(account, causes, before);
    if (isNews) {
      await this.outbox.append([account.snapshot(version, analysis ?? undefined)]);
      await this.tell(accountChangeDrafts({ account, causes, rowVersion: version.rowVersion, analysis }));
    }
    const { rowVersion } = isNews ? version : before;
    const reading = { causes: causes.map(({ eventId }) => eventId), document, missingParts };
    const known = analysis?.known ?? null;
    await this.state.keepReading(accountId, { contentHash, rowVersion, known }, reading);
    return reading;
  }

  /** Agents hear once of each version: a repeat after a crash makes the same one. */
  private async tell(drafts: readonly NotificationDraft[]): Promise<void> {
    for (const draft of drafts) await this.notifier.publish(draft);
  }

  /** @returns what memory did, for the history. */
  private async remember(
    accountId: string,
    { document }: UnrememberedReading,
    before: SyncedAccount,
    causes: readonly SyncCause[],
  ): Promise<string> {
    const isForced = causes.some(({ force }) => force);
    if (!isForced && before.remembered === (document?.contentHash ?? FORGOTTEN)) return 'unchanged';
    if (document !== null) return this.memory.remember(document);
    await this.memory.forget(accountId);
    return FORGOTTEN;
  }
}

/** The kept reading, if no event has come since it was made. */
function covers(
  reading: UnrememberedReading | null,
  causes: readonly SyncCause[],
): UnrememberedReading | undefined {
  if (reading === null) return undefined;
  const known = new Set(reading.causes);
  return causes.every(({ eventId }) => known.has(eventId)) ? reading : undefined;
}

/**
 * The version grows with every snapshot, even where the CRM shows no later time: it counts seconds, and shows
 * no time for what was taken away. Made of nothing that a repeat would find changed.
 */
function versionOf(
  { modifiedAt: modified }: AccountState,
  causes: readonly SyncCause[],
  before: SyncedAccount,
): Parameters<AccountState['snapshot']>[0] {
  const [first] = causes;
  const modifiedAt = modified ?? first?.receivedAt ?? new Date(0).toISOString();
  const rowVersion = Math.max(Date.parse(modifiedAt), before.rowVersion + 1);
  return { rowVersion, modifiedAt, sourceEventId: first?.eventId ?? '' };
}
