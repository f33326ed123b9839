import { Redis } from 'ioredis';
import type { AccountDocument } from '../../../src/contracts/ports/memory.port.js';
import { DocumentStore } from '../../../src/memory/local/document.store.js';
import { IndexKeeper } from '../../../src/memory/local/index-keeper.js';
import { LocalMemory } from '../../../src/memory/local/local.memory.js';
import { accountDocument } from '../../factories/account-document.factory.js';
import { CogneeProcess } from './cognee-process.js';

/** Remembers until it is killed; rememberer.ts starts it. In Cognee one given document, else ever new ones. */
async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const redis = new Redis(environment.REDIS_URL ?? '');
  if (environment.COGNEE_API_URL === undefined) return rememberForever(redis);
  const {
    COGNEE_API_URL: baseUrl,
    COGNEE_USERNAME: username = '',
    COGNEE_PASSWORD: password = '',
  } = environment;
  const { memory } = new CogneeProcess(redis, {
    baseUrl,
    credentials: { type: 'login', username, password },
    requestTimeoutMs: 60_000,
  });
  console.log('remembering');
  await memory.remember(JSON.parse(environment.DOCUMENT ?? '') as AccountDocument);
}

async function rememberForever(redis: Redis): Promise<void> {
  const store = new DocumentStore(redis);
  const memory = new LocalMemory(store, new IndexKeeper(store));
  for (let round = 1; ; round += 1) {
    const note = `${round % 2 === 0 ? 'Even' : 'Odd'} ${round} remark of the rememberer.`;
    await memory.remember(accountDocument({ accountId: 'rememberer', notes: [note] }));
    console.log(`remembered ${round}`);
  }
}

void main(process.env);
