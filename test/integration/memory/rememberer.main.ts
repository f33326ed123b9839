import { Redis } from 'ioredis';
import type { Memory } from '../../../src/contracts/ports/memory.port.js';
import { DocumentStore } from '../../../src/memory/local/document.store.js';
import { IndexKeeper } from '../../../src/memory/local/index-keeper.js';
import { LocalMemory } from '../../../src/memory/local/local.memory.js';
import { accountDocument } from '../../factories/account-document.factory.js';

/** Remembers one changing document without end; rememberer.ts starts it, and a test kills it. */
async function main({ REDIS_URL = '' }: NodeJS.ProcessEnv): Promise<void> {
  const store = new DocumentStore(new Redis(REDIS_URL));
  const memory: Memory = new LocalMemory(store, new IndexKeeper(store));
  for (let round = 1; ; round += 1) {
    const note = `${round % 2 === 0 ? 'Even' : 'Odd'} ${round} remark of the rememberer.`;
    await memory.remember(accountDocument({ accountId: 'rememberer', notes: [note] }));
    console.log(`remembered ${round}`);
  }
}

void main(process.env);
