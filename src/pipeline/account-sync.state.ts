import { Inject, Injectable } from '@nestjs/common';
import type { KnownFacts } from '../contracts/account-facts.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';
import type { AccountDocument } from '../contracts/ports/memory.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { keysFrom } from '../redis/key-scan.js';
import { RedisClient } from '../redis/redis-client.js';

/** A reading whose snapshot is durable and which memory has not taken yet. */
export interface UnrememberedReading {
  /** The events it covers, as their cause keys. */
  readonly causes: readonly string[];
  readonly document: AccountDocument | null;
  readonly missingParts: readonly string[];
}

/** What the last syncs of an account have left. */
export interface SyncedAccount {
  /** Of the last snapshot. */
  readonly contentHash: string | null;
  /** Of the last snapshot; 0 before the first. */
  readonly rowVersion: number;
  /** Of the document that memory has: its hash, `forgotten`, or null where it was never told. */
  readonly remembered: string | null;
  /** When the last sync ended, epoch milliseconds; 0 before the first. */
  readonly syncedAtMs: number;
  readonly unremembered: UnrememberedReading | null;
  /** What the next reading is compared with; null before the first, and after a deletion. */
  readonly known: KnownFacts | null;
  /** Of any attempt, waits included; a later success does not take it away. */
  readonly lastFailure: SyncFailure | null;
}

export interface SyncFailure {
  readonly code: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

const causesKey = (accountId: string) => `${KEY_PREFIX}:account-sync:causes:${accountId}`;
const stateKey = (accountId: string) => `${KEY_PREFIX}:account-sync:state:${accountId}`;

/**
 * Why accounts must be read again, and what is known of their last reading. A cause stays until a sync that
 * began after it has ended well, so that neither a merged event nor its flag is lost, wherever a process dies.
 */
@Injectable()
export class AccountSyncState {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async addCause(accountId: string, cause: SyncCause): Promise<void> {
    await this.redis.hset(causesKey(accountId), cause.eventId, JSON.stringify(cause));
  }

  /** The causes that wait, the earliest first. */
  async causes(accountId: string): Promise<SyncCause[]> {
    const texts = await this.redis.hvals(causesKey(accountId));
    const causes = texts.map((text) => JSON.parse(text) as SyncCause);
    return causes.sort((left, right) => (order(left) < order(right) ? -1 : 1));
  }

  /** @returns the number of this run; a later run has a greater one. */
  async begin(accountId: string): Promise<number> {
    return this.redis.hincrby(stateKey(accountId), 'run', 1);
  }

  /** Whether no later run has begun: a worker that was thought dead may come back. */
  async isLatest(accountId: string, run: number): Promise<boolean> {
    return (await this.redis.hget(stateKey(accountId), 'run')) === String(run);
  }

  async load(accountId: string): Promise<SyncedAccount> {
    const fields = await this.redis.hgetall(stateKey(accountId));
    return {
      contentHash: fields.contentHash ?? null,
      rowVersion: Number(fields.rowVersion ?? 0),
      remembered: fields.remembered ?? null,
      syncedAtMs: Number(fields.syncedAtMs ?? 0),
      unremembered: parsed<UnrememberedReading>(fields.unremembered),
      known: parsed<KnownFacts>(fields.known),
      lastFailure: parsed<SyncFailure>(fields.lastFailure),
    };
  }

  /** For the operator who asks why memory is behind. */
  async noteFailure(accountId: string, failure: SyncFailure): Promise<void> {
    await this.redis.hset(stateKey(accountId), 'lastFailure', JSON.stringify(failure));
  }

  /** After the snapshot is durable and told: memory can now be told without reading the account again. */
  async keepReading(
    accountId: string,
    { known, ...snapshot }: Pick<SyncedAccount, 'known' | 'rowVersion'> & { readonly contentHash: string },
    reading: UnrememberedReading,
  ): Promise<void> {
    await this.redis.hset(stateKey(accountId), {
      ...snapshot,
      known: JSON.stringify(known),
      unremembered: JSON.stringify(reading),
    });
  }

  /** Memory has been told this document by another way than a sync. */
  async noteRemembered(accountId: string, contentHash: string): Promise<void> {
    await this.redis.hset(stateKey(accountId), 'remembered', contentHash);
  }

  /** The readings that memory has not taken, by account. */
  async *unrememberedReadings(): AsyncGenerator<{ accountId: string; document: AccountDocument }> {
    const beginning = stateKey('');
    for await (const keys of keysFrom(this.redis, beginning, 'hash')) {
      for (const key of keys) {
        const reading = await this.redis.hget(key, 'unremembered');
        const document = parsed<UnrememberedReading>(reading ?? undefined)?.document;
        if (document) yield { accountId: key.slice(beginning.length), document };
      }
    }
  }

  /** Its causes stay: the account is read again. */
  async dropReading(accountId: string): Promise<void> {
    await this.redis.hdel(stateKey(accountId), 'unremembered');
  }

  /** The end of a sync, in one step: its causes are done, those that came meanwhile stay. */
  async finish(accountId: string, causes: readonly SyncCause[], remembered: string): Promise<void> {
    await this.redis
      .multi()
      .hdel(causesKey(accountId), ...causes.map(({ eventId }) => eventId))
      .hset(stateKey(accountId), { remembered, syncedAtMs: Date.now() })
      .hdel(stateKey(accountId), 'unremembered')
      .exec();
  }
}

function parsed<T>(text: string | undefined): T | null {
  return text === undefined ? null : (JSON.parse(text) as T);
}

function order({ receivedAt, eventId }: SyncCause): string {
  return `${receivedAt} ${eventId}`;
}
