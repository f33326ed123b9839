import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { AccountDocument } from '../../../src/contracts/ports/memory.port.js';
import { AccountEraser } from '../../../src/pipeline/account.eraser.js';
import { type AccountSignal, AccountSignals } from '../../../src/pipeline/account-signals.js';
import { AccountSyncState } from '../../../src/pipeline/account-sync.state.js';
import { withSignals } from '../../../src/pipeline/account-words.js';
import { QueueJobs } from '../../../src/redis/queue-jobs.js';
import { personToErase } from '../../support/person-to-erase.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ReadableMemory } from '../zoho/readable-memory.js';

const ANA = 'ana@corp.example';
const CRM = `# Corp

## Contacts
- Ana Ruiz, CFO, ana@corp.example
- Bob Stone, CTO, bob@corp.example

## Notes
- 2026-03-01 Budget: ask Ana@Corp.example first.
- 2026-03-02 Kickoff: went well.
`;

describe(AccountEraser, () => {
  let server: TestRedis;
  let redis: Redis;
  let signals: AccountSignals;
  let syncs: AccountSyncState;
  let memory: ReadableMemory;
  let eraser: AccountEraser;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    signals = new AccountSignals(redis);
    syncs = new AccountSyncState(redis);
    memory = new ReadableMemory(redis);
    eraser = new AccountEraser(signals, syncs, new QueueJobs(redis), memory);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const signal = (objectId: string, ...lines: string[]): AccountSignal => ({
    ...{ kind: 'call', objectId, title: `Call ${objectId}`, occurredAt: null, priority: 'low', lines },
  });
  const documentOf = (accountId: string, text = CRM): AccountDocument => ({
    ...{ accountId, accountName: 'Corp', text, labels: ['Retail'] },
    contentHash: createHash('sha256').update(text).digest('hex'),
  });

  it('takes her lines and conversations out of a document, and leaves the rest to the letter', async () => {
    const [hers, named, other] = [
      signal('1', 'churn: "x"'),
      signal('2', `${ANA}: "y"`),
      signal('3', 'Bob: "z"'),
    ];
    for (const one of [hers, named, other]) await signals.add('a', one);
    await memory.remember(withSignals(documentOf('a'), await signals.all('a')));
    const untouched = documentOf('b', '# Other\n\n## Contacts\n- Bob, bob@corp.example\n');
    await memory.remember(untouched);
    const person = personToErase(ANA, ['call:1']);
    expect(await eraser.erasePerson(person)).toEqual({ signals: 2, readings: 0, documents: 1 });
    const without = CRM.replace('- Ana Ruiz, CFO, ana@corp.example\n', '').replace(/- 2026-03-01.*\n/, '');
    const expected = withSignals(documentOf('a', without), [other]);
    expect(await memory.document('a')).toEqual(expected);
    expect(await memory.document('b')).toEqual(untouched);
    expect((await syncs.load('a')).remembered).toBe(expected.contentHash);
    expect(await eraser.erasePerson(person)).toEqual({ signals: 0, readings: 0, documents: 0 });
  });

  it('drops a reading that memory has not taken, whose events then have the account read again', async () => {
    const cause = { eventId: 'e', correlationId: 'c', vendor: 'zoho', kind: 'record' } as const;
    for (const [accountId, text] of [
      ['a', CRM],
      ['b', '# Other\n'],
    ] as const) {
      await syncs.addCause(accountId, { ...cause, force: false, receivedAt: '2026-03-04T15:02:41.318Z' });
      const reading = { causes: ['e'], document: documentOf(accountId, text), missingParts: [] };
      await syncs.keepReading(accountId, { contentHash: 'h', rowVersion: 1, known: null }, reading);
    }
    expect(await eraser.erasePerson(personToErase(ANA))).toEqual({ signals: 0, readings: 1, documents: 0 });
    expect((await syncs.load('a')).unremembered).toBeNull();
    expect(await syncs.causes('a')).toHaveLength(1);
    expect((await syncs.load('b')).unremembered).not.toBeNull();
  });

  it('makes a sync that runs meanwhile read again, so that it cannot tell memory what it read before', async () => {
    await memory.remember(documentOf('a'));
    const run = await syncs.begin('a');
    await eraser.erasePerson(personToErase(ANA));
    expect(await syncs.isLatest('a', run)).toBe(false);
  });
});
