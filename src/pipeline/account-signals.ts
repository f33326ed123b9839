import { Inject, Injectable } from '@nestjs/common';
import type { Priority } from '../contracts/insight.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { EventKind } from '../contracts/vendor.js';
import { keysFrom } from '../redis/key-scan.js';
import { RedisClient } from '../redis/redis-client.js';

/** What one conversation, or one change in the CRM, says about an account, in the few words that a memory keeps. */
export interface AccountSignal {
  /** `record`: a change in the CRM. */
  readonly kind: EventKind;
  /** The vendor's id of the conversation, or a name of the change; a later signal of it replaces the earlier one. */
  readonly objectId: string;
  readonly title: string | null;
  /** ISO 8601, UTC; null where the vendor does not say. */
  readonly occurredAt: string | null;
  readonly priority: Priority;
  /** One line for each insight, with what was said and by whom. */
  readonly lines: readonly string[];
}

/** Older conversations are history, and in the warehouse. */
const KEPT = 30;

const keyOf = (accountId: string) => `${KEY_PREFIX}:account-signals:${accountId}`;

/** The latest conversations about each account and changes of it, for its memory document. */
@Injectable()
export class AccountSignals {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** Durable when it returns; repeating it changes nothing. */
  async add(accountId: string, signal: AccountSignal): Promise<void> {
    const key = keyOf(accountId);
    await this.redis.hset(key, `${signal.kind}:${signal.objectId}`, JSON.stringify(signal));
    const tooOld = (await this.all(accountId)).slice(KEPT);
    if (tooOld.length > 0) {
      await this.redis.hdel(key, ...tooOld.map(({ kind, objectId }) => `${kind}:${objectId}`));
    }
  }

  /** Newest first. */
  async all(accountId: string): Promise<AccountSignal[]> {
    const texts = await this.redis.hvals(keyOf(accountId));
    return texts.map((text) => JSON.parse(text) as AccountSignal).sort(newestFirst);
  }

  /** Removes the signals, of whatever account, for which it says so. @returns how many. */
  async removeWhere(isToGo: (signal: AccountSignal, stored: string) => boolean): Promise<number> {
    let removed = 0;
    for await (const keys of keysFrom(this.redis, keyOf(''), 'hash')) {
      for (const key of keys) {
        const fields = Object.entries(await this.redis.hgetall(key))
          .filter(([, text]) => isToGo(JSON.parse(text) as AccountSignal, text))
          .map(([field]) => field);
        if (fields.length > 0) removed += await this.redis.hdel(key, ...fields);
      }
    }
    return removed;
  }

  async forget(accountId: string): Promise<void> {
    await this.redis.del(keyOf(accountId));
  }
}

function newestFirst(left: AccountSignal, right: AccountSignal): number {
  const place = ({ occurredAt, kind, objectId }: AccountSignal) => `${occurredAt ?? ''} ${kind} ${objectId}`;
  return place(left) > place(right) ? -1 : 1;
}
