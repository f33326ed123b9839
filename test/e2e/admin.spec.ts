import { gongCall } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

const ADMIN = 'an-admin-token-of-at-least-32-characters';
const READER = 'a-reader-token-of-at-least-32-characters';

const QUEUES = [
  'events',
  'enrichment',
  'alerts-slack',
  'alerts-smtp',
  'alerts-webhook',
  'account-sync',
  'insights-llm',
  'crm-tasks',
  'reconciliation',
  'replays',
  'erasures',
];

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { items?: Record<string, unknown>[]; nextCursor?: string | null };
}

describe('the operator', () => {
  let house: GongHouse;

  beforeAll(async () => {
    house = await GongHouse.open({ ADMIN_TOKENS: `anna:${ADMIN}`, READER_TOKENS: `robot:${READER}` });
  });
  afterAll(() => house.close());

  async function ask(method: string, path: string, body?: unknown, token = ADMIN): Promise<Answer> {
    const response = await fetch(`${house.service.url}/admin${path}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** Authentic, and names no call: it becomes a dead letter. */
  async function deadLetter(): Promise<string> {
    const answer = await house.post(JSON.stringify({ callData: { odd: Math.random() } }));
    expect(answer.status).toBe(200);
    const [eventId = ''] = answerBody(answer).eventIds;
    const found = await waitFor('the dead letter', async () => {
      const { body } = await ask('GET', '/dead-letters?code=PAYLOAD.NOT_UNDERSTOOD');
      return body.items?.find((letter) => letter.eventId === eventId);
    });
    return String(found.id);
  }

  it('is asked for an admin token on every route', async () => {
    const routes = [
      ['GET', '/dead-letters'],
      ['GET', '/dead-letters/events.1'],
      ['POST', '/dead-letters/replay'],
      ['POST', '/dead-letters/events.1/replay'],
      ['DELETE', '/dead-letters/events.1'],
      ['GET', '/audit'],
      ['GET', '/queues'],
      ['POST', '/queues/events/pause'],
    ];
    for (const [method = '', path = ''] of routes) {
      expect(await ask(method, path, undefined, '')).toMatchObject({
        status: 401,
        body: { code: 'ACCESS.DENIED' },
      });
      expect(await ask(method, path, undefined, READER)).toMatchObject({ status: 403 });
    }
  });

  it('sees what failed, why and where, and the payload', async () => {
    const id = await deadLetter();
    expect(await ask('GET', `/dead-letters/${id}`)).toMatchObject({
      status: 200,
      body: { id, stage: 'enrich', vendor: 'gong', attempts: 1, payload: { callData: {} } },
    });
  });

  it('replays one, by filter, and in a dry run; all is in the audit log with name and result', async () => {
    const id = await deadLetter();
    expect(
      await ask('POST', '/dead-letters/replay', { filter: { vendor: 'gong' }, dryRun: true }),
    ).toMatchObject({
      status: 200,
      body: { attempted: 0, succeeded: 0 },
    });
    expect(await ask('POST', `/dead-letters/${id}/replay`)).toMatchObject({
      status: 200,
      body: { replayed: true },
    });
    await waitFor('it to fail again', async () => {
      const { body } = await ask('GET', `/dead-letters/${id}`);
      return body.replayOf === id;
    });
    const all = await ask('POST', '/dead-letters/replay', {
      filter: { code: 'PAYLOAD.NOT_UNDERSTOOD' },
      limit: 5,
    });
    expect(all.status).toBe(200);
    expect(all.body.succeeded).toBe(all.body.attempted);
    const { body } = await ask('GET', '/audit?limit=3');
    expect(body.items?.map(({ who, what, result }) => [who, what, result])).toEqual([
      ['anna', 'POST /admin/dead-letters/replay', 'done'],
      ['anna', `POST /admin/dead-letters/${id}/replay`, 'done'],
      ['anna', 'POST /admin/dead-letters/replay', 'done'],
    ]);
    const first = await ask('GET', '/audit?limit=2');
    const second = await ask('GET', `/audit?limit=2&cursor=${String(first.body.nextCursor)}`);
    const pages = [...(first.body.items ?? []), ...(second.body.items ?? [])];
    expect(pages.slice(0, 3)).toEqual(body.items);
  });

  it('discards with a reason, on the record', async () => {
    const id = await deadLetter();
    expect(await ask('DELETE', `/dead-letters/${id}`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST.INVALID' },
    });
    expect(await ask('DELETE', `/dead-letters/${id}`, { reason: 'a test of theirs' })).toMatchObject({
      status: 200,
    });
    expect(await ask('GET', `/dead-letters/${id}`)).toMatchObject({ status: 404 });
    expect(await ask('DELETE', `/dead-letters/${id}`, { reason: 'again' })).toMatchObject({ status: 404 });
    const { body } = await ask('GET', '/audit?limit=2');
    expect(body.items).toMatchObject([
      { result: 'REQUEST.NOT_FOUND' },
      { result: 'done', note: 'a test of theirs' },
    ]);
  });

  it('pauses every queue, which a restart does not undo, and resumes it', async () => {
    for (const name of QUEUES) {
      expect(await ask('POST', `/queues/${name}/pause`)).toMatchObject({
        status: 200,
        body: { name, isPaused: true },
      });
    }
    expect(await ask('POST', '/queues/nothing/pause')).toMatchObject({ status: 404 });
    expect(await house.service.terminate()).toBe(0);
    await house.service.start();
    const answer = await house.post(JSON.stringify(gongCall({ seed: 77 })));
    expect(answer.status).toBe(200);
    const queues = (await ask('GET', '/queues')).body.items ?? [];
    expect(queues.map(({ name, isPaused }) => [name, isPaused])).toEqual(QUEUES.map((name) => [name, true]));
    expect(queues[0]).toMatchObject({ name: 'events', counts: { waiting: 1, active: 0 } });
    const health = (await (await fetch(`${house.service.url}/health`)).json()) as {
      details: { queues: Record<string, { isPaused: boolean; oldestAgeSeconds: number }> };
    };
    for (const name of QUEUES) {
      expect(health.details.queues[name]).toMatchObject({
        isPaused: true,
        oldestAgeSeconds: expect.any(Number) as number,
      });
    }
    for (const name of QUEUES) {
      expect(await ask('POST', `/queues/${name}/resume`)).toMatchObject({ status: 200 });
    }
    await waitFor(
      'the row',
      async () => (await house.metric('warehouse_rows_total{table="GONG_CALLS_ENHANCED"}')) === 1,
    );
  });

  it('has depth and age of every queue in the metrics', async () => {
    const text = await (await fetch(`${house.service.url}/metrics`)).text();
    for (const name of QUEUES) {
      expect(text).toContain(`queue_depth{queue="${name}",state="waiting"} `);
      expect(text).toContain(`queue_oldest_age_seconds{queue="${name}"} `);
    }
    expect(text).toContain('\nalert_outbox_messages 0\n');
  });

  it('is told what is wrong with a request, by field and never with the value', async () => {
    const bad: [string, string, unknown?][] = [
      ['GET', '/dead-letters?limit=abc'],
      ['GET', '/dead-letters?vendor=secretvendor'],
      ['GET', '/dead-letters?cursor=secret'],
      ['GET', '/dead-letters?colour=red'],
      ['GET', '/dead-letters?vendor=gong&vendor=zoho'],
      ['GET', '/audit?cursor=x'],
      ['POST', '/dead-letters/replay', { limit: -1 }],
      ['POST', '/dead-letters/replay', { filter: { since: 'yesterday' } }],
      ['POST', '/dead-letters/replay', { filter: [] }],
      ['POST', '/dead-letters/replay', []],
      ['POST', '/dead-letters/replay', '{"limit":'],
    ];
    for (const [method, path, body] of bad) {
      const answer = await ask(method, path, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.stringify(answer.body)).not.toMatch(/secret|yesterday/);
    }
  });
});
