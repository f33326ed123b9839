import { Redis } from 'ioredis';
import { DocumentStore } from '../../../src/memory/local/document.store.js';
import { IndexKeeper } from '../../../src/memory/local/index-keeper.js';
import { LocalMemory } from '../../../src/memory/local/local.memory.js';
import { accountDocument, FOUR_ACCOUNTS } from '../../factories/account-document.factory.js';
import { startRedis } from '../../support/redis-server.js';
import { startRememberer } from './rememberer.js';
import { describeMemory } from './memory-conformance.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { commandTimeout: 2_000, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** A memory as one process has it, with an index of its own. */
function localMemory(): LocalMemory {
  const store = new DocumentStore(redis);
  return new LocalMemory(store, new IndexKeeper(store));
}

describeMemory('The local memory', async () => {
  await redis.flushdb();
  return { memory: localMemory(), otherProcess: localMemory(), dispose: async () => undefined };
});

describe(LocalMemory.name, () => {
  beforeEach(() => redis.flushdb());

  it('answers at most three passages of one account', async () => {
    const memory = localMemory();
    const notes = Array.from({ length: 9 }, (_item, index) => `Talk ${index} about zeppelins.`);
    await memory.remember(accountDocument({ notes }));
    await memory.remember(accountDocument({ accountId: 'other', notes: ['Also zeppelins.'] }));
    const answers = await memory.recall('zeppelins', 10);
    expect(answers.map(({ accountId }) => accountId).sort()).toEqual([
      ...Array<string>(3).fill('6890123000000451007'),
      'other',
    ]);
  });

  it('finds an account by its name and by its group', async () => {
    const memory = localMemory();
    for (const document of FOUR_ACCOUNTS) await memory.remember(document);
    expect((await memory.recall('Tin Kettle', 1))[0]?.accountName).toBe('Tin Kettle Media');
    expect((await memory.recall('onboarding in healthcare', 1))[0]?.accountName).toBe('Larkspur Dental');
    expect((await memory.recall('Tin Kettle onboarding', 1))[0]?.text).toBe(
      'Notes: 2026-03-05 Onboarding is done.',
    );
  });

  it('reads all documents anew in a process that starts, and follows every later change', async () => {
    const writer = localMemory();
    for (let index = 0; index < 120; index += 1) {
      await writer.remember(accountDocument({ accountId: `a${index}`, notes: [`Unique${index} remark.`] }));
    }
    const reader = localMemory();
    expect((await reader.recall('unique77', 1))[0]?.accountId).toBe('a77');
    await writer.remember(accountDocument({ accountId: 'a77', notes: ['Nothing of the kind.'] }));
    await writer.forget('a78');
    expect(await reader.recall('unique77', 5)).toEqual([]);
    expect(await reader.recall('unique78', 5)).toEqual([]);
    expect((await reader.recall('unique79', 1))[0]?.accountId).toBe('a79');
  });

  it('shows nothing of a Redis that was emptied, and what came after', async () => {
    const memory = localMemory();
    await memory.remember(accountDocument({ notes: ['They want zeppelins.'] }));
    expect(await memory.recall('zeppelins', 5)).toHaveLength(1);
    await redis.flushdb();
    expect(await memory.recall('zeppelins', 5)).toEqual([]);
    await memory.remember(accountDocument({ accountId: 'new', notes: ['They want submarines.'] }));
    expect((await memory.recall('submarines', 5)).map(({ accountId }) => accountId)).toEqual(['new']);
  });

  it('leaves the old or the new document when its process is killed while it remembers', async () => {
    const rememberer = startRememberer({ REDIS_URL: server.url });
    const reader = localMemory();
    await rememberer.said('remembered 50');
    await rememberer.kill9();
    const [stored] = await new DocumentStore(redis).read(['rememberer']);
    expect(stored?.text).toMatch(/- (Even|Odd) \d+ remark of the rememberer\.\n$/);
    const kind = stored?.text.includes('Even') ? 'even' : 'odd';
    expect((await reader.recall(`${kind} remark`, 1))[0]?.text).toContain('remark of the rememberer');
    expect(await reader.stats()).toMatchObject({ documents: 1 });
  });

  it('says that it waits, without the document, while Redis is away; and works when it is back', async () => {
    const memory = localMemory();
    const document = accountDocument({ notes: ['A secret remark.'] });
    server.kill9();
    for (const attempt of [memory.remember(document), memory.recall('remark', 5), memory.stats()]) {
      const error = await attempt.then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(error).toMatchObject({ code: 'MEMORY.UNAVAILABLE', retry: { afterMs: 2_000 } });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
    }
    await server.restart();
    await redis.ping().catch(() => undefined);
    expect(await memory.remember(document)).toBe('stored');
    expect(await memory.recall('secret remark', 5)).toHaveLength(1);
  });
});
