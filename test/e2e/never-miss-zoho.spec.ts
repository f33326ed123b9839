import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const ADMIN = 'an-admin-token-of-at-least-32-characters';
const SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');
const BASE = '/admin/zoho/channels';

type Body = Record<string, unknown>;
interface Outcome {
  readonly module: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly channel: { readonly id: string; readonly token: string; readonly expiresAt: string } | null;
}
interface Run {
  readonly id: string;
  readonly status: string;
  readonly seen: number;
  readonly missed: number;
  readonly repaired: number;
  readonly quotaUsed: number;
  readonly missedIds: readonly string[];
}

/** A service whose Zoho is simulated, as an operator sees it. */
class Desk {
  private constructor(
    readonly redis: TestRedis,
    readonly zoho: ZohoApiSimulator,
    readonly service: ServiceProcess,
  ) {}

  static async open(environment: Record<string, string> = {}): Promise<Desk> {
    const redis = await startRedis({ appendonly: true });
    const zoho = await ZohoApiSimulator.start();
    const service = await ServiceProcess.create({
      REDIS_URL: redis.url,
      ADMIN_TOKENS: `anna:${ADMIN}`,
      SECRETS_KEY,
      ...zoho.environment,
      ...environment,
    });
    await service.start();
    return new Desk(redis, zoho, service);
  }

  async ask<T = Body>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async registerDefaults(): Promise<Map<string, NonNullable<Outcome['channel']>>> {
    const { status, body } = await this.ask<{ items: Outcome[] }>('POST', `${BASE}/defaults`);
    expect(status).toBe(200);
    return new Map(
      body.items.flatMap(({ module, channel }) => (channel === null ? [] : [[module, channel]])),
    );
  }

  async reconcile(since: Date): Promise<Run> {
    // A record changed in this second belongs to it.
    const until = new Date(Date.now() + 1_000).toISOString();
    const started = await this.ask<{ run: Run }>('POST', '/admin/reconciliations', {
      vendor: 'zoho',
      since: since.toISOString(),
      until,
    });
    expect(started.status).toBe(202);
    return waitFor(
      'the comparison',
      async () => {
        const { body } = await this.ask<Run>('GET', `/admin/reconciliations/${started.body.run.id}`);
        return body.status === 'done' && body;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Waits until all that was queued has been worked on. */
  async idle(): Promise<void> {
    const redis = new Redis(this.redis.url);
    try {
      await waitFor(
        'empty queues',
        async () => {
          const counts = await Promise.all(
            ['events', 'enrichment', 'account-sync'].flatMap((queue) => [
              redis.llen(`{tributary}:${queue}:wait`),
              redis.llen(`{tributary}:${queue}:active`),
              redis.zcard(`{tributary}:${queue}:prioritized`),
              redis.zcard(`{tributary}:${queue}:delayed`),
            ]),
          );
          return counts.every((count) => count === 0);
        },
        { timeoutMs: 60_000 },
      );
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.service.dispose();
    await this.zoho.stop();
    await this.redis.stop();
  }
}

describe('the channels of Zoho', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open({ RECONCILIATION_ENABLED: 'true' });
  });
  afterAll(() => desk.close());

  it('are registered by one call, with tokens shown once and what cannot be watched named', async () => {
    const { body } = await desk.ask<{ items: Outcome[] }>('POST', `${BASE}/defaults`);
    const made = body.items.filter(({ outcome }) => outcome === 'registered');
    expect(made.map(({ module }) => module)).toEqual([
      'Accounts',
      'Contacts',
      'Deals',
      'Tasks',
      'Events',
      'Calls',
    ]);
    for (const { channel } of made) {
      expect(channel?.token).toMatch(/^[\w-]{48}$/);
      const hoursLeft = (Date.parse(channel?.expiresAt ?? '') - Date.now()) / 3_600_000;
      expect(hoursLeft).toBeGreaterThan(166.9);
      expect(hoursLeft).toBeLessThan(167.1);
    }
    expect(body.items.filter(({ outcome }) => outcome !== 'registered')).toMatchObject([
      { module: 'Activities', outcome: 'expanded' },
      { module: 'Notes', outcome: 'cannot_be_watched' },
    ]);
    const sent = desk.zoho.apiRequests.find(
      ({ method, path }) => method === 'POST' && path.endsWith('watch'),
    );
    const { watch } = JSON.parse(sent?.body ?? '{}') as { watch: Body[] };
    for (const entry of watch) expect(entry).toMatchObject({ notify_on_related_action: false });
    const listed = await desk.ask('GET', BASE);
    expect(JSON.stringify(listed.body)).not.toContain(made[0]?.channel?.token);
    expect(JSON.stringify(listed.body)).not.toContain('sealed');
    const again = await desk.ask<{ items: Outcome[] }>('POST', `${BASE}/defaults`);
    expect(again.body.items.filter(({ outcome }) => outcome === 'exists')).toHaveLength(6);
    expect(desk.service.output).not.toContain(made[0]?.channel?.token);
  });

  it('report what Zoho refuses, per module, and leave nothing behind', async () => {
    const before = (await desk.ask<{ items: unknown[] }>('GET', BASE)).body.items.length;
    const { body } = await desk.ask<{ items: Outcome[] }>('POST', BASE, { module: 'Quux' });
    expect(body.items).toMatchObject([{ module: 'Quux', outcome: 'refused', channel: null }]);
    expect((await desk.ask<{ items: unknown[] }>('GET', BASE)).body.items).toHaveLength(before);
  });

  it('show drift when one has expired, and are there again after a renewal', async () => {
    const { body } = await desk.ask<{ items: { id: string; module: string }[] }>('GET', BASE);
    const deals = body.items.find(({ module }) => module === 'Deals');
    desk.zoho.expire(deals?.id ?? '');
    const health = async () =>
      (
        await desk.ask<{ isHealthy: boolean; channels: { id: string; drift: string[] }[] }>(
          'GET',
          `${BASE}/health`,
        )
      ).body;
    const sick = await health();
    expect(sick.isHealthy).toBe(false);
    expect(sick.channels.find(({ id }) => id === deals?.id)?.drift).toEqual(['missing_at_zoho']);
    expect((await desk.ask('POST', `${BASE}/${deals?.id}/renew`)).status).toBe(200);
    expect(await health()).toMatchObject({ isHealthy: true, unknownAtZoho: [] });
  });

  /** So much time passes that they expire within two days. */
  async function ageChannels(): Promise<void> {
    const redis = new Redis(desk.redis.url);
    const stored = await redis.hgetall('{tributary}:zoho:channels');
    for (const [id, text] of Object.entries(stored)) {
      const soon = new Date(Date.now() + 47 * 3_600_000).toISOString();
      const channel = JSON.stringify({ ...(JSON.parse(text) as Body), expiresAt: soon });
      await redis.hset('{tributary}:zoho:channels', id, channel);
    }
    redis.disconnect();
  }

  const renewed = () =>
    waitFor('all channels to be renewed', async () => {
      const text = await (await fetch(`${desk.service.url}/metrics`)).text();
      const seconds = [...text.matchAll(/^zoho_channel_expiry_seconds\{.*\} (\d+)$/gm)].map(([, n]) =>
        Number(n),
      );
      return seconds.length === 6 && seconds.every((left) => left > 166 * 3_600);
    });

  it('are renewed when their hour comes, and so are comparisons begun, each to be due again after', async () => {
    const connection = new Redis(desk.redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue('reconciliation', { connection, prefix: '{tributary}' });
    try {
      const schedules = await queue.getJobSchedulers();
      expect(schedules.map(({ key, pattern, tz }) => [key, pattern, tz]).sort()).toEqual([
        ['gong-hourly', '0 23 * * * *', 'UTC'],
        ['gong-nightly', '0 47 2 * * *', 'UTC'],
        ['renew-channels', '0 11 * * * *', 'UTC'],
        ['zoho-hourly', '0 23 * * * *', 'UTC'],
        ['zoho-nightly', '0 47 2 * * *', 'UTC'],
      ]);
      await ageChannels();
      for (const { key, next } of schedules) await (await queue.getJob(`repeat:${key}:${next}`))?.promote();
      await renewed();
      const modes = await waitFor('the comparisons', async () => {
        const { body } = await desk.ask<{ runs: { vendor: string; mode: string; status: string }[] }>(
          'GET',
          '/admin/reconciliations',
        );
        const done = body.runs.filter(({ status }) => status === 'done');
        return done.length >= 2 && done.map(({ vendor, mode }) => `${vendor} ${mode}`);
      });
      expect(modes.sort()).toEqual(['zoho hourly', 'zoho nightly']);
      const later = new Map((await queue.getJobSchedulers()).map(({ key, next }) => [key, next ?? 0]));
      for (const { key, next = 0 } of schedules) {
        expect(later.get(key)).toBeGreaterThan(next);
        expect(await queue.getJob(`repeat:${key}:${later.get(key)}`)).toBeDefined();
      }
    } finally {
      await queue.close();
      connection.disconnect();
    }
  });

  it('are renewed at a start when they expire within two days', async () => {
    await ageChannels();
    expect(await desk.service.terminate()).toBe(0);
    await desk.service.start();
    await renewed();
    expect((await desk.ask(`GET`, `${BASE}/health`)).body).toMatchObject({ isHealthy: true });
  });

  it('change their tokens under traffic without refusing one authentic notification', async () => {
    const { body } = await desk.ask<{ items: { id: string; module: string }[] }>('GET', BASE);
    const accounts = body.items.find(({ module }) => module === 'Accounts');
    const from = desk.zoho.notifications.length;
    const id = desk.zoho.data.insert('Accounts', { Account_Name: 'Busy' });
    let isRotating = true;
    const traffic = (async () => {
      for (let index = 0; isRotating || index < 60; index += 1) {
        desk.zoho.data.update('Accounts', id, { Phone: String(index) });
        await new Promise((resolve) => setImmediate(resolve));
        if (index % 10 === 0) await desk.zoho.notified();
      }
    })();
    for (let turn = 0; turn < 3; turn += 1) {
      const rotated = await desk.ask<{ token: string }>('POST', `${BASE}/${accounts?.id}/rotate-token`);
      expect(rotated.body.token).toMatch(/^[\w-]{48}$/);
    }
    isRotating = false;
    await traffic;
    await desk.zoho.notified();
    const sent = desk.zoho.notifications.slice(from);
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(sent.map(({ body: { token } }) => token)).size).toBeGreaterThan(1);
    const forged = await fetch(`${desk.service.url}/webhooks/zoho`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel_id: accounts?.id,
        token: 'x'.repeat(48),
        module: 'Accounts',
        ids: ['1'],
      }),
    });
    expect(forged.status).toBe(401);
  });

  it('can be switched off and removed', async () => {
    const { body } = await desk.ask<{ items: { id: string; module: string }[] }>('GET', BASE);
    const calls = body.items.find(({ module }) => module === 'Calls')?.id ?? '';
    expect((await desk.ask('PATCH', `${BASE}/${calls}`, { isEnabled: false })).body).toMatchObject({
      isEnabled: false,
      expiresAt: null,
    });
    const on = await desk.ask('PATCH', `${BASE}/${calls}`, {
      isEnabled: true,
      operations: ['create', 'edit'],
    });
    expect(on.body).toMatchObject({ isEnabled: true, events: ['Calls.create', 'Calls.edit'] });
    expect((await desk.ask('DELETE', `${BASE}/${calls}`)).body).toEqual({ removed: true, id: calls });
    expect((await desk.ask('GET', `${BASE}/${calls}`)).status).toBe(404);
  });
});

describe('what the webhooks of Zoho miss', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk.close());

  /** Zoho tells times to the second: what follows is later than all that was notified. */
  async function nextSecond(): Promise<void> {
    const second = Math.floor(Date.now() / 1000);
    await waitFor('the next second', () => Math.floor(Date.now() / 1000) > second + 1);
  }

  it('is found by the next comparison: every record is right, the misses are named, a second run finds nothing', async () => {
    const { zoho } = desk;
    const since = new Date(Date.now() - 60_000);
    const channels = await desk.registerDefaults();
    // One in five notifications never leaves, the same ones each time. Of each record: was its last version told?
    const random = seededRandom(11);
    const isTold = new Map<string, boolean>();
    zoho.loses = ({ module, ids }) => {
      const isLost = random() < 0.2;
      for (const id of ids as string[]) isTold.set(`${String(module)}:${id}`, !isLost);
      return isLost;
    };
    const accounts = Array.from({ length: 60 }, (_, index) =>
      zoho.data.insert('Accounts', { Account_Name: `Company ${index}`, Industry: 'Old' }),
    );
    const contacts = accounts.slice(0, 20).map((id, index) =>
      zoho.data.insert('Contacts', {
        Full_Name: `Person ${index}`,
        Account_Name: { id, name: `Company ${index}` },
      }),
    );
    await zoho.notified();
    await nextSecond();
    for (const id of accounts.slice(0, 40)) zoho.data.update('Accounts', id, { Industry: 'Newer' });
    for (const id of contacts.slice(0, 10)) zoho.data.update('Contacts', id, { Title: 'Buyer' });
    const gone = accounts.slice(45);
    for (const id of gone) zoho.data.delete('Accounts', id);
    await zoho.notified();
    await nextSecond();
    for (const id of accounts.slice(10, 30)) zoho.data.update('Accounts', id, { Industry: 'Newest' });
    // Out of the recycle bin, which nobody is told of, and changed then.
    const [restored = ''] = gone.splice(0, 1);
    zoho.data.restore(restored);
    zoho.data.update('Accounts', restored, { Industry: 'Back' });
    isTold.set(`Accounts:${restored}`, isTold.get(`Accounts:${restored}`) ?? false);
    zoho.expire(channels.get('Deals')?.id ?? '');
    const deal = zoho.data.insert('Deals', {
      Deal_Name: 'Unheard of',
      Account_Name: { id: accounts[1], name: 'Company 1' },
    });
    const note = zoho.data.insert('Notes', {
      Note_Title: 'Cannot be watched',
      Parent_Id: { id: accounts[2], name: 'Company 2', module: { api_name: 'Accounts', id: '1' } },
    });
    await zoho.notified();
    await desk.idle();
    expect(new Set(zoho.notifications.map(({ status }) => status))).toEqual(new Set([200]));

    const run = await desk.reconcile(since);
    const named = run.missedIds.map((changeId) => changeId.split(':').slice(0, 2).join(':'));
    const untold = [...isTold].flatMap(([record, wasTold]) => (wasTold ? [] : [record]));
    const expected = [...untold, `Deals:${deal}`, `Notes:${note}`];
    expect(named.sort()).toEqual(expected.sort());
    // Of all kinds, or the test would show less than it says.
    expect(untold.filter((record) => record.startsWith('Contacts:')).length).toBeGreaterThan(0);
    expect(gone.filter((id) => isTold.get(`Accounts:${id}`) === false).length).toBeGreaterThan(0);
    expect(untold.length).toBeGreaterThan(8);
    expect(run).toMatchObject({ missed: expected.length, repaired: expected.length });
    await desk.idle();

    const again = await desk.reconcile(since);
    expect(again).toMatchObject({ missed: 0, repaired: 0, missedIds: [] });
    expect(again.seen).toBe(run.seen);
    const overview = await desk.ask('GET', '/admin/reconciliations');
    expect(overview.body).toMatchObject({
      vendors: [
        {
          vendor: 'gong',
          offBecause: expect.stringContaining('GONG_ACCESS_KEY') as string,
          missedThisWeek: 0,
        },
        { vendor: 'zoho', offBecause: null, missedThisWeek: expected.length },
      ],
    });
    const metrics = await (await fetch(`${desk.service.url}/metrics`)).text();
    expect(metrics).toContain(`reconciliation_missed_total{vendor="zoho"} ${expected.length}\n`);

    expect(await desk.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      desk.service.warehousePath,
      `SELECT ACCOUNT_ID, INDUSTRY, IS_DELETED, json_array_length(CONTACTS)::INTEGER AS PEOPLE
       FROM ZOHO_ACCOUNTS_CURRENT`,
    );
    const stored = new Map(rows.map((row) => [String(row.ACCOUNT_ID), row]));
    for (const id of accounts) {
      const isGone = gone.includes(id);
      expect([id, stored.get(id)?.IS_DELETED ?? true]).toEqual([id, isGone]);
      if (!isGone) {
        expect([id, stored.get(id)?.INDUSTRY]).toEqual([id, zoho.data.get('Accounts', id)?.Industry]);
      }
    }
    for (const id of accounts.slice(0, 20)) expect([id, stored.get(id)?.PEOPLE]).toEqual([id, 1]);
    const reconciled = await queryWarehouse(
      desk.service.warehousePath,
      `SELECT EVENT_ID FROM ZOHO_EVENTS_RAW WHERE HEADERS LIKE '%"x-tributary-source":"reconciliation"%'`,
    );
    expect(reconciled).toHaveLength(expected.length);
  }, 120_000);
});

/** Numbers from 0 to 1, the same for each seed (Park and Miller's generator). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
