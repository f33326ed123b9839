import type { Redis } from 'ioredis';
import type { AccountDocument } from '../../../src/contracts/ports/memory.port.js';
import { DocumentStore } from '../../../src/memory/local/document.store.js';
import { IndexKeeper } from '../../../src/memory/local/index-keeper.js';
import { LocalMemory } from '../../../src/memory/local/local.memory.js';

/** The local memory on a test's Redis; its documents can be looked at as they are. */
export class ReadableMemory extends LocalMemory {
  private readonly documents: DocumentStore;

  constructor(redis: Redis) {
    const documents = new DocumentStore(redis);
    super(documents, new IndexKeeper(documents));
    this.documents = documents;
  }

  async document(accountId: string): Promise<AccountDocument | undefined> {
    return (await this.documents.read([accountId]))[0] ?? undefined;
  }
}
