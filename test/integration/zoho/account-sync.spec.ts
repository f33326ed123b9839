import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { AppConfig } from '../../../src/config/app-config.js';
import type { NoteFacts, RecordFacts } from '../../../src/contracts/account-facts.js';
import { AppError } from '../../../src/contracts/errors.js';
import type { AccountSource, AccountState } from '../../../src/contracts/ports/account-source.port.js';
import type { SyncCause } from '../../../src/contracts/ports/account-sync.port.js';
import type { AccountDocument, Memory } from '../../../src/contracts/ports/memory.port.js';
import type { NotificationDraft } from '../../../src/contracts/notification.js';
import type { Notifier } from '../../../src/contracts/ports/notifier.port.js';
import type { Outbox } from '../../../src/contracts/ports/outbox.port.js';
import type { TableRow } from '../../../src/contracts/tables.js';
import { InsightRules } from '../../../src/insights/insight-rules.js';
import { RulesEngine } from '../../../src/insights/rules.engine.js';
import { AccountFindings } from '../../../src/pipeline/account-findings.js';
import { AccountSignals } from '../../../src/pipeline/account-signals.js';
import { AccountSyncRunner } from '../../../src/pipeline/account-sync.runner.js';
import { AccountSyncState } from '../../../src/pipeline/account-sync.state.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ReadableMemory } from './readable-memory.js';
import { silentLogger } from './zoho-parts.js';

const ACCOUNT = '689';
const engine = new RulesEngine(new InsightRules(new AppConfig()));

/** A CRM with one account; null: it was deleted. */
class OneAccount implements AccountSource {
  reads = 0;
  values: RecordFacts['values'] = {};
  deals: readonly RecordFacts[] = [];
  notes: readonly NoteFacts[] = [];
  content: string | null = 'first';
  modifiedAt = '2026-11-25T10:00:00.000Z';

  async read(accountId: string): Promise<AccountState> {
    this.reads += 1;
    const { content, modifiedAt } = this;
    const hash = createHash('sha256').update(String(content)).digest('hex');
    const document: AccountDocument | null =
      content === null
        ? null
        : { accountId, accountName: 'Acme', text: content, contentHash: hash, labels: [] };
    const account = { id: accountId, name: 'Acme', values: this.values };
    return {
      accountId,
      document,
      facts: content === null ? null : { account, deals: this.deals, notes: this.notes },
      contentHash: hash,
      modifiedAt: content === null ? null : modifiedAt,
      missingParts: [],
      snapshot: ({ rowVersion, modifiedAt: at }, analysis) => ({
        table: 'ZOHO_ACCOUNT_SNAPSHOTS',
        values: {
          SNAPSHOT_ID: `${hash}@${rowVersion}`,
          CONTENT: content,
          INSIGHTS: JSON.stringify(analysis?.insights ?? []),
          ROW_VERSION: rowVersion,
          MODIFIED_AT: at,
        },
      }),
    };
  }
}

/** Keeps rows by their key, as a warehouse does. */
class KeyedOutbox implements Outbox {
  readonly rows = new Map<string, TableRow>();

  async append(rows: readonly TableRow[]): Promise<void> {
    for (const row of rows) this.rows.set(String(row.values.SNAPSHOT_ID ?? row.values.HISTORY_ID), row);
  }

  async waitingBytes(): Promise<number> {
    return 0;
  }

  of(table: TableRow['table']): TableRow['values'][] {
    return [...this.rows.values()].filter((row) => row.table === table).map(({ values }) => values);
  }
}

/** Remembers what it told, as the real one does: the same news of the same change once. */
class ListNotifier implements Notifier {
  readonly told = new Map<string, NotificationDraft>();

  publish(draft: NotificationDraft): Promise<boolean> {
    const isNew = !this.told.has(draft.changeId);
    this.told.set(draft.changeId, draft);
    return Promise.resolve(isNew);
  }
}

describe('the sync of an account', () => {
  let server: TestRedis;
  let redis: Redis;
  let source: OneAccount;
  let outbox: KeyedOutbox;
  let memory: ReadableMemory;
  let notifier: ListNotifier;
  let state: AccountSyncState;
  let events = 0;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    source = new OneAccount();
    outbox = new KeyedOutbox();
    memory = new ReadableMemory(redis);
    notifier = new ListNotifier();
    state = new AccountSyncState(redis);
  });

  const runnerWith = (parts: { memory?: Memory; outbox?: Outbox; state?: AccountSyncState } = {}) =>
    new AccountSyncRunner(
      parts.state ?? state,
      new AccountFindings(engine, new AccountSignals(redis)),
      source,
      parts.outbox ?? outbox,
      parts.memory ?? memory,
      notifier,
      silentLogger(),
    );
  const run = (runner = runnerWith()) => runner.run({ accountId: ACCOUNT, jobId: 'job', attempt: 1 });

  async function cause(force = false, changed?: SyncCause['changed']): Promise<string> {
    events += 1;
    const eventId = `event-${events}`;
    const receivedAt = new Date(Date.UTC(2026, 10, 25, 12) + events).toISOString();
    await state.addCause(ACCOUNT, {
      eventId,
      correlationId: 'c',
      force,
      receivedAt,
      vendor: 'zoho',
      kind: 'record',
      ...(changed !== undefined && { changed }),
    });
    return eventId;
  }

  /** As if the spacing had passed. */
  const later = () => redis.hset(`{tributary}:account-sync:state:${ACCOUNT}`, 'syncedAtMs', 0);
  const snapshots = () => outbox.of('ZOHO_ACCOUNT_SNAPSHOTS').map(({ CONTENT }) => CONTENT);

  it('takes all causes at once, tells the history of each, and then has nothing to do', async () => {
    const ids = [await cause(), await cause(), await cause()];
    expect(await run()).toEqual({ type: 'synced' });
    expect(source.reads).toBe(1);
    expect(snapshots()).toEqual(['first']);
    expect((await memory.document(ACCOUNT))?.text).toBe('first');
    const history = outbox.of('WEBHOOK_PROCESSING_HISTORY');
    expect(history.map(({ EVENT_ID }) => EVENT_ID).sort()).toEqual(ids);
    expect(history[0]).toMatchObject({ STAGE: 'remember', STATUS: 'completed', TRACE_ID: 'c' });
    expect(await run()).toEqual({ type: 'nothing-to-do' });
    expect(source.reads).toBe(1);
  });

  it('tells agents of each change once, and of a critical one as high', async () => {
    await cause();
    await run();
    await later();
    await cause();
    await run();
    expect([...notifier.told.values()].map(({ message }) => message.priority)).toEqual(['medium']);
    source.content = 'second';
    await later();
    await cause(true);
    await run();
    expect([...notifier.told.values()].at(-1)).toMatchObject({
      channel: 'zoho:accounts',
      message: { type: 'account', priority: 'high', subject: { id: ACCOUNT } },
    });
    expect(notifier.told.size).toBe(2);
  });

  it('has what was said in conversations in the document, and forgets it with the account', async () => {
    const signals = new AccountSignals(redis);
    const said = {
      kind: 'call' as const,
      objectId: '1',
      title: 'Renewal',
      occurredAt: '2026-11-24T10:00:00.000Z',
      priority: 'urgent' as const,
      lines: ['churn risk: Dana: "we are leaving"'],
    };
    await signals.add(ACCOUNT, { ...said, lines: ['of an earlier version'] });
    await signals.add(ACCOUNT, said);
    await cause(true);
    await run();
    expect((await memory.document(ACCOUNT))?.text).toBe(
      'first\n## Conversations\n- 2026-11-24 call "Renewal", urgent priority\n  - churn risk: Dana: "we are leaving"\n',
    );
    source.content = null;
    await later();
    await cause();
    await run();
    expect(await memory.document(ACCOUNT)).toBeUndefined();
    expect(await signals.all(ACCOUNT)).toEqual([]);
  });

  describe('with a meaning', () => {
    const lost = { id: '7', name: 'Acme renewal', values: { Stage: 'Closed Lost', Type: 'Renewal' } };
    const note = {
      id: '9',
      title: null,
      text: 'They are not renewing. I will send the offer by Friday.',
      author: 'Pat',
      writtenAt: null,
      contentHash: 'h',
    };
    const insightsIn = (row: TableRow['values'] | undefined) =>
      (JSON.parse(String(row?.INSIGHTS)) as { id: string; kind: string; label?: string }[]).map(
        ({ kind, label }) => label ?? kind,
      );

    beforeEach(async () => {
      source.values = { Health_Score: '80' };
      source.deals = [{ ...lost, values: { ...lost.values, Stage: 'Negotiation/Review' } }];
      await cause();
      await run();
      await later();
      source.values = { Health_Score: '35' };
      source.deals = [lost];
      source.content = 'second';
      await cause();
    });

    it('tells it to agents, the snapshot and the memory', async () => {
      await run();
      const labels = ['Health_Score from 80 to 35', 'Stage from Negotiation/Review to Closed Lost'];
      const told = [...notifier.told.values()].at(-1)?.message;
      expect(told).toMatchObject({ type: 'account', priority: 'urgent' });
      expect(told?.insights.map(({ label }) => label)).toEqual(labels);
      expect(told?.nextSteps.length).toBeGreaterThan(0);
      expect(insightsIn(outbox.of('ZOHO_ACCOUNT_SNAPSHOTS').at(-1))).toEqual(labels);
      const text = (await memory.document(ACCOUNT))?.text;
      expect(text).toContain('## Changes in the CRM');
      expect(text).toContain('Stage from Negotiation/Review to Closed Lost: "Closed Lost"');
    });

    it('tells a new note once, with its task, even where nothing else has changed', async () => {
      await run();
      const before = notifier.told.size;
      for (const [at, notes] of [[note], [note]].entries()) {
        source.notes = notes;
        await later();
        await cause(false, { module: 'Notes', recordId: '9', fields: [] });
        await run();
        expect([at, notifier.told.size - before]).toEqual([at, 2]);
      }
      const [account, task] = [...notifier.told.values()].slice(-2);
      expect(account?.message.insights.map(({ kind }) => kind)).toEqual(['churn_risk', 'action_item']);
      expect(task).toMatchObject({ channel: 'zoho:actions', message: { type: 'action' } });
      expect(insightsIn(outbox.of('ZOHO_ACCOUNT_SNAPSHOTS').at(-1))).toEqual(['churn_risk', 'action_item']);
    });

    it('keeps its ids when a crash repeats the reading and the account has changed once more', async () => {
      const dying = Object.assign(Object.create(state) as AccountSyncState, {
        keepReading: () => Promise.reject(new Error('killed')),
      });
      await expect(run(runnerWith({ state: dying }))).rejects.toThrow('killed');
      source.content = 'third';
      source.modifiedAt = '2026-11-25T11:00:00.000Z';
      await cause();
      await run();
      const [first, second] = [...notifier.told.values()].slice(-2).map(({ message }) => message.insights);
      expect(first).toHaveLength(2);
      expect(second?.map(({ id }) => id)).toEqual(first?.map(({ id }) => id));
      expect((await memory.document(ACCOUNT))?.text.match(/^- .*change, /gm)).toHaveLength(1);
    });
  });

  it('leaves a pause after a sync, in which causes gather', async () => {
    await cause();
    await run();
    await cause();
    expect(await run()).toEqual({ type: 'later', afterMs: expect.any(Number) });
    expect(source.reads).toBe(1);
    await later();
    expect(await run()).toEqual({ type: 'synced' });
  });

  it('leaves a snapshot for each real change, newer each time even where the CRM shows no later time', async () => {
    for (const content of ['first', 'first', 'second', 'first', null, 'first']) {
      source.content = content;
      await cause();
      await later();
      await run();
    }
    expect(snapshots()).toEqual(['first', 'second', 'first', null, 'first']);
    const versions = outbox.of('ZOHO_ACCOUNT_SNAPSHOTS').map(({ ROW_VERSION }) => Number(ROW_VERSION));
    expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
  });

  it('forgets an account that is gone, and remembers it when it is back', async () => {
    await cause();
    await run();
    source.content = null;
    await cause();
    await later();
    await run();
    expect(await memory.document(ACCOUNT)).toBeUndefined();
    source.content = 'first';
    await cause();
    await later();
    await run();
    expect((await memory.document(ACCOUNT))?.text).toBe('first');
  });

  it('tells memory of an unchanged account only when one of the causes is forced', async () => {
    let told = 0;
    const counting: Memory = Object.assign(Object.create(memory) as ReadableMemory, {
      remember: async () => {
        told += 1;
        return 'unchanged' as const;
      },
    });
    for (const force of [false, false, true]) {
      await cause(force);
      await cause();
      await later();
      await run(runnerWith({ memory: counting }));
    }
    expect(told).toBe(2);
  });

  it('does not read the account again while memory is down, until something new happens', async () => {
    let isDown = true;
    const failing: Memory = Object.assign(Object.create(memory) as ReadableMemory, {
      remember: (document: AccountDocument) =>
        isDown
          ? Promise.reject(new AppError('STAGE.FAILED', 'memory is down', { afterMs: 1 }))
          : memory.remember(document),
    });
    const runner = runnerWith({ memory: failing });
    await cause();
    for (let round = 0; round < 5; round += 1) await expect(run(runner)).rejects.toThrow('memory is down');
    expect(source.reads).toBe(1);
    source.content = 'second';
    await cause();
    await expect(run(runner)).rejects.toThrow('memory is down');
    expect(source.reads).toBe(2);
    isDown = false;
    expect(await run(runner)).toEqual({ type: 'synced' });
    expect(source.reads).toBe(2);
    expect((await memory.document(ACCOUNT))?.text).toBe('second');
    expect(outbox.of('WEBHOOK_PROCESSING_HISTORY')).toHaveLength(2);
  });

  it('keeps a cause that comes while it runs, for the next run', async () => {
    await cause();
    const interrupted: Outbox = Object.assign(Object.create(outbox) as KeyedOutbox, {
      append: async (rows: readonly TableRow[]) => {
        if (events < 1_000 && rows[0]?.table === 'ZOHO_ACCOUNT_SNAPSHOTS') await cause();
        return outbox.append(rows);
      },
    });
    await run(runnerWith({ outbox: interrupted }));
    expect(await state.causes(ACCOUNT)).toHaveLength(1);
  });

  it('by a worker that was thought dead does not overwrite what its successor told memory', async () => {
    await cause();
    const slow: Outbox = Object.assign(Object.create(outbox) as KeyedOutbox, {
      append: async (rows: readonly TableRow[]) => {
        await outbox.append(rows);
        source.content = 'newer';
        await run();
      },
    });
    await expect(run(runnerWith({ outbox: slow }))).rejects.toMatchObject({ code: 'SYNC.SUPERSEDED' });
    expect((await memory.document(ACCOUNT))?.text).toBe('newer');
  });

  it('sorts its causes by the time they came', async () => {
    const ids = [await cause(), await cause(), await cause()];
    const causes: SyncCause[] = await state.causes(ACCOUNT);
    expect(causes.map(({ eventId }) => eventId)).toEqual(ids);
  });
});
