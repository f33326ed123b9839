import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { gongCall, gongTracker } from '../factories/gong-call.factory.js';
import { SlackSimulator } from '../simulators/slack/slack-simulator.js';
import { AccountHouse, externalParty } from '../support/account-house.js';
import { READER_TOKEN } from '../support/admin-desk.js';
import { answerBody } from '../support/gong-house.js';
import { redisContents } from '../support/redis-contents.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const ANA = 'ana.ruiz+x@corp.example';
const BOB = 'bob.stone@corp.example';
const LIMIT = { timeoutMs: 60_000 };
const ALERTS = `
targets: { sales: { type: slack, urlFrom: ALERTS_SLACK_URL } }
rules: [{ name: all, types: [call, email, insight], targets: [sales] }]
retrySeconds: [1]
`;
const UNHAPPY = [gongTracker('Churn risk', { 'unhappy with the onboarding': 2 })];
const EAGER = [gongTracker('Churn risk', { 'not renew': 1 })];

/** As it may stand in text, JSON or a form. */
const names = (text: string) => /ana\.ruiz(\+|%2b)x(@|%40|\\u0040)corp\.example/i.test(text);

describe('a person who asks to be forgotten', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-erasure-e2e-'));
  let slack: SlackSimulator;
  let house: AccountHouse;
  let redis: Redis;
  let corp: string;
  let erasureId: string;
  const hers = gongCall({
    metaData: { id: '8200000000000000001', title: 'Ana and Bob' },
    parties: [externalParty('Ana Ruiz', ANA), externalParty('Bob Stone', BOB)],
    trackers: UNHAPPY,
  });

  const desk = (method: string, path: string, body?: unknown) => house.desk.ask(method, path, body);
  const namedIn = async () => [...(await redisContents(redis))].filter((entry) => names(entry.join(' ')));

  beforeAll(async () => {
    writeFileSync(join(folder, 'alerts.yaml'), ALERTS);
    slack = await SlackSimulator.start();
    slack.state = 'gone';
    house = await AccountHouse.open({
      NOTIFICATION_ALERTS_FILE: join(folder, 'alerts.yaml'),
      ALERTS_SLACK_URL: slack.url,
    });
    redis = new Redis(house.gong.redis.url);
    corp = house.addAccount({
      name: 'Corp',
      contacts: [
        { name: 'Ana Ruiz', email: 'Ana.Ruiz+X@corp.example' },
        { name: 'Bob Stone', email: BOB },
      ],
      note: `Ask ${ANA} for the budget.`,
    });
    await house.zoho.notified();
    await house.remembered([corp]);
    await house.gong.post(JSON.stringify(hers));
    await house.postEmail({ emailId: 'mail-ana', subject: 'Hi', from: ANA, body: 'We will not renew.' });
    await house.postEmail({
      emailId: 'mail-bob',
      subject: 'Bob here',
      from: BOB,
      body: 'We will not renew.',
    });
    await house.postCall({
      metaData: { id: '8200000000000000002', title: 'Bob alone' },
      parties: [externalParty('Bob Stone', BOB)],
      trackers: EAGER,
    });
    // Nobody understands these: dead letters.
    await house.gong.post(JSON.stringify({ odd: ANA }));
    await house.gong.post(JSON.stringify({ odd: BOB }));
    await house.synced([corp], ({ memory }) => memory.text.includes('Bob here'));
    await waitFor('the dead letters', async () => (await redis.zcard('{tributary}:events:failed')) === 2);
    await waitFor('alerts that fail', async () => (await redis.zcard('{tributary}:alerts-slack:failed')) > 3);
    // One more waits in the queue, accepted and not looked at yet.
    await desk('POST', '/queues/events/pause');
    await house.postEmail({ emailId: 'mail-late', subject: 'Late', from: ANA, body: 'Are you there?' });
  }, 120_000);
  afterAll(async () => {
    redis.disconnect();
    await house.close();
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function done(id: string): Promise<Record<string, unknown>> {
    return waitFor(
      'the erasure to be done',
      async () => {
        const { body } = await desk('GET', `/erasures/${id}`);
        return body.status === 'done' && body;
      },
      LIMIT,
    );
  }

  it('is only for admin tokens, and for what is an address', async () => {
    for (const [method, path, body] of [
      ['POST', '/erasures', { email: ANA }],
      ['GET', '/erasures', undefined],
      ['GET', '/erasures/x1', undefined],
    ] as const) {
      expect(await house.desk.ask(method, path, body, '')).toMatchObject({ status: 401 });
      expect(await house.desk.ask(method, path, body, READER_TOKEN)).toMatchObject({ status: 403 });
    }
    for (const body of [{}, { email: '' }, { email: 'ana' }, { email: 'a@b@c.example' }, { email: [ANA] }]) {
      const answer = await desk('POST', '/erasures', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    }
    expect(await desk('POST', '/erasures', { email: ANA, why: 'x' })).toMatchObject({ status: 400 });
    expect(await desk('GET', '/erasures/x1')).toMatchObject({ status: 404 });
    expect((await desk('GET', '/erasures')).body.items).toEqual([]);
  });

  it('is in no key and no value of Redis any more', async () => {
    expect((await namedIn()).length).toBeGreaterThan(10);
    const answer = await desk('POST', '/erasures', { email: 'Ana.Ruiz+x@Corp.example' });
    expect(answer).toMatchObject({ status: 202, body: { by: 'anna', endedAt: null } });
    erasureId = String(answer.body.id);
    const erasure = await done(erasureId);
    expect(await namedIn()).toEqual([]);
    expect(erasure).toMatchObject({
      id: erasureId,
      by: 'anna',
      addressHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      problem: null,
      counts: {
        queues: { jobs: 2 },
        warehouse: { GONG_WEBHOOKS_RAW: 3, GONG_CALLS_ENHANCED: 1, GONG_EMAILS_ENHANCED: 1 },
        accounts: { signals: 2, documents: 1 },
        'crm-index': { addresses: 1 },
      },
    });
    const { notifications } = erasure.counts as Record<string, Record<string, number>>;
    for (const count of ['messages', 'entries', 'alerts']) {
      expect([count, notifications?.[count]]).not.toEqual([count, 0]);
    }
    expect(house.gong.service.output).not.toMatch(/ana\.ruiz/i);
  }, 90_000);

  it('is not recalled, and what others said is', async () => {
    const { memory, snapshot, conversations } = await house.account(corp);
    expect(names(memory.text)).toBe(false);
    expect(memory.text).not.toContain('Ana Ruiz,');
    expect(memory.text).not.toContain('unhappy with the onboarding');
    expect(memory.text).toContain('Bob Stone');
    expect(memory.text).toContain('Bob alone');
    expect(memory.text).toContain('Bob here');
    expect(snapshot?.contacts?.map(({ Email }) => Email)).toEqual([BOB]);
    expect(snapshot?.fields.Account_Name).toBe('Corp');
    expect(conversations.items.find(({ id }) => id === '8200000000000000001')).toMatchObject({
      insights: [],
    });
    expect(conversations.items.find(({ id }) => id === 'mail-bob')?.insights).not.toEqual([]);
    const { body } = await desk(
      'GET',
      '/recall?q=who is unhappy with the onboarding or has a budget&limit=10',
    );
    expect(JSON.stringify(body)).not.toMatch(/ana|onboarding|budget/i);
  });

  it('stays forgotten when the event in the queue runs, when Gong posts again, and when the archive is replayed', async () => {
    await desk('POST', '/queues/events/resume');
    expect(answerBody(await house.gong.post(JSON.stringify(hers)))).toMatchObject({ status: 'duplicate' });
    const failed = async () => redis.zcard('{tributary}:events:failed');
    await waitFor('her dead letter to be settled', async () => (await failed()) === 1);
    const raw = () => house.gong.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}');
    await waitFor('all raw rows', async () => (await raw()) === 7);
    // Where she is still in the CRM, every later reading of the account is new data about her.
    const { data } = house.zoho;
    for (const { id } of data.all('Notes')) data.update('Notes', id, { Note_Content: 'Somebody left.' });
    for (const { id, Email } of data.all('Contacts')) if (names(String(Email))) data.delete('Contacts', id);
    await house.zoho.notified();
    const replay = await desk('POST', '/replays', {
      vendor: 'gong',
      since: '2020-01-01T00:00:00.000Z',
      until: new Date().toISOString(),
      notify: true,
    });
    const replayed = await waitFor('the replay', async () => {
      const { body } = await desk('GET', `/replays/${String(replay.body.id)}`);
      return body.status === 'done' && body;
    });
    expect(replayed).toMatchObject({ erased: 4, queued: 3, failed: 1 });
    await house.synced([corp]);
    expect(await namedIn()).toEqual([]);
  }, 90_000);

  it('can be asked for again, which finds nothing, and is on the record without the address', async () => {
    const { body } = await desk('POST', '/erasures', { email: ANA });
    expect(body.id).not.toBe(erasureId);
    const again = await done(String(body.id));
    const found = Object.values(again.counts as Record<string, Record<string, number>>).flatMap(
      Object.values,
    );
    expect(found.every((count) => count === 0)).toBe(true);
    const { items = [] } = (await desk('GET', '/erasures')).body;
    expect(items.map(({ id }) => id)).toEqual([again.id, erasureId]);
    expect(new Set(items.map(({ addressHash }) => addressHash)).size).toBe(1);
    const audit = await desk('GET', '/audit?limit=1');
    expect(audit.body.items).toMatchObject([
      { who: 'anna', what: 'POST /admin/erasures', result: 'done', note: `erasure ${String(again.id)}` },
    ]);
  }, 90_000);

  it('is in no table of the warehouse, and everybody else still is', async () => {
    expect(await house.gong.service.terminate()).toBe(0);
    const path = house.gong.service.warehousePath;
    const tables = await queryWarehouse(path, 'SELECT table_name AS name FROM duckdb_tables()');
    const counts = await Promise.all(
      tables.map(async ({ name }) => {
        const text = `lower(CAST(t AS VARCHAR))`;
        const [row] = await queryWarehouse(
          path,
          `SELECT count(*) FILTER (regexp_matches(${text}, 'ana.ruiz(.|%2b)x(@|%40|.u0040)corp'))::INTEGER AS hers,
           count(*) FILTER (contains(${text}, '${BOB}'))::INTEGER AS bobs FROM ${String(name)} AS t`,
        );
        return { name, hers: row?.hers, bobs: row?.bobs };
      }),
    );
    expect(counts.filter(({ hers }) => hers !== 0)).toEqual([]);
    const bobs = Object.fromEntries(counts.map(({ name, bobs: count }) => [String(name), Number(count)]));
    expect(bobs).toMatchObject({ GONG_WEBHOOKS_RAW: 3, GONG_CALLS_ENHANCED: 1, GONG_EMAILS_ENHANCED: 1 });
    const raw = await queryWarehouse(
      path,
      "SELECT count(*)::INTEGER AS n FROM GONG_WEBHOOKS_RAW WHERE BODY = '[erased]'",
    );
    expect(raw).toEqual([{ n: 4 }]);
  });
});
