import { Inject, Injectable } from '@nestjs/common';
import type { AccountDocument, MemoryStats } from '../../contracts/ports/memory.port.js';
import { RedisClient } from '../../redis/redis-client.js';
import { withRedis } from '../memory-errors.js';
import { MEMORY_KEY } from '../memory-keys.js';
import { FORGET, REMEMBER } from './document.scripts.js';

const DOCUMENTS = `${MEMORY_KEY}:documents`;
const CHANGES = `${MEMORY_KEY}:changes`;
const STATE = `${MEMORY_KEY}:state`;

/** An account whose document changed, with the version of the change. */
export interface DocumentChange {
  readonly accountId: string;
  readonly version: number;
}

/** The documents in Redis, which all processes share, with an order in which they changed. */
@Injectable()
export class DocumentStore {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** @returns whether anything changed. */
  async put(document: AccountDocument): Promise<boolean> {
    const { accountId, accountName, text, contentHash, labels } = document;
    const stored = JSON.stringify({ accountId, accountName, text, contentHash, labels });
    const answer = await withRedis(() =>
      this.redis.eval(REMEMBER, 3, DOCUMENTS, CHANGES, STATE, accountId, stored),
    );
    return answer === 1;
  }

  async remove(accountId: string): Promise<void> {
    await withRedis(() => this.redis.eval(FORGET, 3, DOCUMENTS, CHANGES, STATE, accountId));
  }

  /** The documents of these accounts; null for one that is not there. */
  async read(accountIds: readonly string[]): Promise<(AccountDocument | null)[]> {
    if (accountIds.length === 0) return [];
    const texts = await withRedis(() => this.redis.hmget(DOCUMENTS, ...accountIds));
    return texts.map((text) => (text === null ? null : (JSON.parse(text) as AccountDocument)));
  }

  /** When the document of an account last changed, epoch milliseconds: its version is that time. */
  async changedAtMs(accountId: string): Promise<number | null> {
    const version = await withRedis(() => this.redis.zscore(CHANGES, accountId));
    return version === null ? null : Math.floor(Number(version) / 1000);
  }

  async accountIds(): Promise<string[]> {
    return withRedis(() => this.redis.hkeys(DOCUMENTS));
  }

  /** What changed after a version, the oldest change first. */
  async changesAfter(version: number, count: number): Promise<DocumentChange[]> {
    const flat = await withRedis(() =>
      this.redis.zrangebyscore(CHANGES, `(${version}`, '+inf', 'WITHSCORES', 'LIMIT', 0, count),
    );
    return Array.from({ length: flat.length / 2 }, (_item, index) => ({
      accountId: flat[2 * index] ?? '',
      version: Number(flat[2 * index + 1]),
    }));
  }

  async stats(): Promise<MemoryStats> {
    return withRedis(async () => {
      const [documents, rememberedAtMs] = await Promise.all([
        this.redis.hlen(DOCUMENTS),
        this.redis.hget(STATE, 'rememberedAtMs'),
      ]);
      const lastRememberedAt =
        rememberedAtMs === null ? null : new Date(Number(rememberedAtMs)).toISOString();
      return { documents, lastRememberedAt };
    });
  }
}
