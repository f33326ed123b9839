import type { Redis } from 'ioredis';
import type {
  AccountDocument,
  Memory,
  MemoryStats,
  Recollection,
  RememberedDocument,
} from '../../../src/contracts/ports/memory.port.js';

const DOCUMENTS = 'test:memory';

/** A memory that outlives the process that speaks to it. */
export class RedisMemory implements Memory {
  constructor(private readonly redis: Redis) {}

  async remember(document: AccountDocument): Promise<'stored' | 'unchanged'> {
    const known = await this.document(document.accountId);
    if (known?.contentHash === document.contentHash) return 'unchanged';
    await this.redis.hset(DOCUMENTS, document.accountId, JSON.stringify(document));
    return 'stored';
  }

  async replace(document: AccountDocument): Promise<void> {
    await this.remember(document);
  }

  async forget(accountId: string): Promise<void> {
    await this.redis.hdel(DOCUMENTS, accountId);
  }

  async recall(): Promise<Recollection[]> {
    return [];
  }

  async find(accountId: string): Promise<RememberedDocument | undefined> {
    const document = await this.document(accountId);
    return document && { ...document, rememberedAt: null, isRecallable: true };
  }

  async accountIds(): Promise<string[]> {
    return this.redis.hkeys(DOCUMENTS);
  }

  async stats(): Promise<MemoryStats> {
    return { documents: await this.redis.hlen(DOCUMENTS), lastRememberedAt: null };
  }

  async document(accountId: string): Promise<AccountDocument | undefined> {
    const text = await this.redis.hget(DOCUMENTS, accountId);
    return text === null ? undefined : (JSON.parse(text) as AccountDocument);
  }
}
