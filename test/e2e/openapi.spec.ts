import { gongCall } from '../factories/gong-call.factory.js';
import { READER_TOKEN } from '../support/admin-desk.js';
import { DocumentedHouse, MAX_BODY_BYTES } from '../support/documented-house.js';
import { nameOf } from '../support/openapi-document.js';
import { waitFor } from '../support/wait-for.js';

interface Listed {
  readonly items: readonly Readonly<Record<string, string>>[];
}

/** Each `ask` fails where status, head or body are not as the document has them. */
describe('what the service answers is what its document says', () => {
  let house: DocumentedHouse;
  beforeAll(async () => {
    house = await DocumentedHouse.open();
  });
  afterAll(() => house.close());

  const ask = <Body = Record<string, unknown>>(...args: Parameters<DocumentedHouse['ask']>) =>
    house.ask<Body>(...args);
  const calls = 'POST /webhook/gong/calls';
  const zoho = 'POST /webhooks/zoho';

  it('at the front door', async () => {
    const call = gongCall({ seed: 1 });
    expect((await ask(calls, { body: call })).json.status).toBe('accepted');
    expect((await ask(calls, { body: call })).json.status).toBe('duplicate');
    expect((await ask(calls, { body: { ...call, isTest: true } })).json.status).toBe('ignored');
    await ask('POST /webhook/gong/meetings', { body: gongCall({ seed: 2 }) });
    await ask('POST /webhook/gong/emails', {
      body: { emailId: 'relay-1', subject: 'Hello', body: 'We leave.' },
    });
    const two = { module: 'Deals', operation: 'update', ids: ['5550000000000002033', '5550000000000002034'] };
    expect((await ask(zoho, { body: two })).json.events).toHaveLength(2);
    const form = Buffer.from('module=Tasks&operation=insert&id=5550000000000006001');
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask(zoho, { body: form, headers: type })).status).toBe(200);

    for (const route of [calls, zoho]) {
      const body = { any: 'thing' };
      expect((await ask(route, { body, proof: {} })).json.code).toBe('SIGNATURE.MISSING');
      expect((await ask(route, { body: Buffer.from('{"half":') })).json.code).toBe('PAYLOAD.NOT_JSON');
      expect((await ask(route, { body: Buffer.alloc(MAX_BODY_BYTES + 1, 32) })).status).toBe(413);
      expect((await ask(route, { body, headers: { 'content-type': 'text/plain' } })).status).toBe(415);
      expect((await ask(route, { body, headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
    }
    const signed = { url: house.gong.callsUrl, body: Buffer.from('{}') };
    const { signer } = house.gong;
    for (const [token, code] of [
      [signer.forged(signed), 'INVALID'],
      [signer.expired(signed), 'EXPIRED'],
      [signer.forOtherUrl(signed), 'WRONG_URL'],
      [signer.forOtherBody(signed), 'BODY_CHANGED'],
      [signer.sign({ ...signed, alg: 'HS256', key: 'x'.repeat(40) }), 'NOT_CONFIGURED'],
    ] as const) {
      const { json } = await ask(calls, { body: signed.body, proof: { authorization: token } });
      expect(json.code).toBe(`SIGNATURE.${code}`);
    }
    expect((await ask('GET /webhooks/health')).status).toBe(200);
    expect((await ask('GET /webhooks/metrics')).status).toBe(200);
  });

  it('about itself', async () => {
    for (const name of [
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /docs',
      'GET /docs-json',
      'GET /docs/messages',
      'GET /admin/sign-in',
      'GET /notifications/stream',
    ]) {
      expect([name, (await ask(name)).status]).toEqual([name, 200]);
    }
    const page = (await ask('GET /docs')).body;
    const files = [...page.matchAll(/\/docs\/ui\/([\w.-]+)/g)].map(([, file = '']) => file);
    expect(files).toHaveLength(3);
    for (const file of files) expect((await ask('GET /docs/ui/{file}', { path: { file } })).status).toBe(200);
    expect(page.match(/<script>|style=|https?:\/\//g)).toBeNull();
    const odd = await ask('GET /notifications/stream', { query: 'channels=everything' });
    expect(odd.json.code).toBe('REQUEST.INVALID');
  });

  it('to an operator about events and dead letters', async () => {
    const { json } = await ask<{ eventIds: string[] }>(calls, { body: { callData: { odd: 1 } } });
    const letters = await waitFor('the dead letter', async () => {
      const { items } = (await ask<Listed>('GET /admin/dead-letters', { query: 'vendor=gong&limit=5' })).json;
      return items.length > 0 && items;
    });
    const path = { id: letters[0]?.id ?? '' };
    await ask('GET /admin/dead-letters/{id}', { path });
    const [eventId = ''] = json.eventIds;
    const { json: detail } = await ask('GET /admin/events/{id}', { path: { id: eventId } });
    expect(detail).toMatchObject({ status: 'failed', jobs: [{ state: 'failed' }] });
    const dryRun = { filter: { code: 'PAYLOAD.NOT_UNDERSTOOD' }, dryRun: true };
    expect((await ask('POST /admin/dead-letters/replay', { body: dryRun })).json.matched).toBe(1);
    expect((await ask('POST /admin/dead-letters/{id}/replay', { path })).status).toBe(200);
    await waitFor(
      'it to fail again',
      async () => (await ask('GET /admin/dead-letters/{id}', { path })).status === 200,
    );
    const reason = { reason: 'a test of ours' };
    expect((await ask('DELETE /admin/dead-letters/{id}', { path, body: reason })).status).toBe(200);

    await waitFor(
      'the rows',
      async () => (await house.gong.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}')) === 4,
    );
    const found = (await ask<Listed>('GET /admin/events', { query: 'limit=1' })).json;
    expect(found.items).toHaveLength(1);
    const done = await ask<Listed>('GET /admin/events', { query: 'status=processed&vendor=gong' });
    const processed = { id: done.json.items.at(-1)?.eventId ?? '' };
    expect((await ask('GET /admin/events/{id}', { path: processed })).json.status).toBe('processed');
    expect((await ask('GET /admin/audit')).status).toBe(200);
  });

  it('to an operator about queues, rules and memory', async () => {
    expect((await ask<Listed>('GET /admin/queues')).json.items.length).toBeGreaterThan(0);
    for (const what of ['pause', 'resume']) {
      const path = { name: 'events' };
      expect((await ask(`POST /admin/queues/{name}/${what}`, { path })).json.isPaused).toBe(what === 'pause');
    }
    await waitFor('an insight', async () => {
      const { items } = (await ask<Listed>('GET /admin/insights')).json;
      return items.length > 0;
    });
    expect((await ask('POST /admin/insights/reload')).status).toBe(200);
    expect((await ask('GET /admin/recall', { query: 'q=who+leaves' })).status).toBe(200);
    expect((await ask('GET /admin/gong/verify')).json.lastDelivery).not.toBeNull();
  });

  it('to an operator about replays', async () => {
    const body = { vendor: 'gong', since: '2020-01-01', until: '2100-01-01T00:00:00Z' };
    const { json } = await ask<{ id: string }>('POST /admin/replays', { body });
    await ask('GET /admin/replays');
    await ask('GET /admin/replays/{id}', { path: json });
    expect((await ask('DELETE /admin/replays/{id}', { path: json })).status).toBe(200);
  });

  it('to an operator about what webhooks miss', async () => {
    for (const vendor of ['gong', 'zoho']) {
      const body = { vendor, since: new Date(Date.now() - 3_600_000).toISOString() };
      const { json } = await ask<{ run: { id: string } }>('POST /admin/reconciliations', { body });
      const path = { id: json.run.id };
      await ask('GET /admin/reconciliations/{id}', { path });
      for (const command of ['pause', 'resume', 'cancel']) {
        expect((await ask(`POST /admin/reconciliations/{id}/${command}`, { path })).status).toBe(200);
      }
    }
    expect((await ask('GET /admin/reconciliations')).status).toBe(200);
  });

  it('to an operator about channels', async () => {
    const channels = '/admin/zoho/channels';
    expect((await ask(`POST ${channels}/defaults`)).status).toBe(200);
    await ask(`POST ${channels}`, { body: { module: 'Quux' } });
    await ask(`POST ${channels}`, { body: { module: 'Notes' } });
    const { items } = (await ask<Listed>(`GET ${channels}`)).json;
    const path = { id: items[0]?.id ?? '' };
    await ask(`GET ${channels}/{id}`, { path });
    await ask(`PATCH ${channels}/{id}`, { path, body: { operations: ['create', 'edit'] } });
    await ask(`POST ${channels}/{id}/renew`, { path });
    await ask(`POST ${channels}/{id}/rotate-token`, { path });
    expect((await ask(`GET ${channels}/health`)).json.isHealthy).toBe(true);
    expect((await ask(`DELETE ${channels}/{id}`, { path })).status).toBe(200);
  });

  it('to an operator about accounts and persons', async () => {
    const account = { id: house.zohoApi.data.insert('Accounts', { Account_Name: 'Acme Robotics' }) };
    await ask(zoho, { body: { module: 'Accounts', operation: 'insert', ids: [account.id] } });
    await waitFor('an account', async () => {
      return (await ask('GET /admin/accounts/{id}', { path: account })).status === 200;
    });
    const { json } = await ask<{ id: string }>('POST /admin/erasures', {
      body: { email: 'nobody.we.know@example.com' },
    });
    await ask('GET /admin/erasures/{id}', { path: json });
    expect((await ask<Listed>('GET /admin/erasures')).json.items).toHaveLength(1);
  });

  it('to the page of the board', async () => {
    const icon = { path: { path: 'favicon.ico' } };
    expect((await ask('GET /admin/queues/static/{path}', icon)).status).toBe(200);
    for (const route of [
      'GET /admin/queues/queue/{queue}',
      'GET /admin/queues/queue/{queue}/{job}',
      'GET /admin/queues/job-schedulers',
      'GET /admin/queues/metrics-history',
    ]) {
      expect((await ask(route, { path: { queue: 'events', job: '1' } })).status).toBe(200);
    }
    const asked = { path: { path: 'queues' } };
    expect((await ask('GET /admin/queues/api/{path}', asked)).status).toBe(200);
  });

  it('to a person with a browser', async () => {
    const origin = house.gong.service.url;
    const token = house
      .proof(house.judge.route('GET /admin/audit'), '')
      .authorization?.slice('Bearer '.length);
    const session = await ask('POST /admin/session', { body: { token } });
    expect(session.json).toEqual({ name: 'anna', level: 'admin' });
    const cookie = String(session.headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask('GET /admin/queues', { proof: { cookie } })).status).toBe(200);
    expect((await ask('POST /admin/session', { body: { token }, proof: {} })).status).toBe(403);
    expect((await ask('DELETE /admin/session', { proof: { origin, cookie } })).status).toBe(200);
  });

  it('to somebody who may not, or asks for what is not there', async () => {
    const guarded = house.judge.routes.filter(({ operation }) =>
      operation.security.some((requirement) => 'adminToken' in requirement),
    );
    expect(guarded.length).toBeGreaterThan(30);
    for (const [index, route] of guarded.entries()) {
      const from = { 'x-forwarded-for': `203.0.113.${index}` };
      const asked = (proof: Record<string, string>) => ask(nameOf(route), { proof, headers: from });
      expect((await asked({})).status).toBe(401);
      expect((await asked({ authorization: 'Bearer wrong' })).status).toBe(401);
      const isForReaders = route.operation.security.some((requirement) => 'readerToken' in requirement);
      expect((await asked({ authorization: `Bearer ${READER_TOKEN}` })).status).toBe(
        isForReaders ? 200 : 403,
      );
      // A page finds out from its address what to show, and shows that there is nothing.
      if (route.path.includes('{') && !route.path.startsWith('/admin/queues/queue/')) {
        const body = route.method === 'DELETE' ? { reason: 'there is none' } : {};
        const isTaken = route.operation.requestBody !== undefined;
        expect((await ask(nameOf(route), { ...(isTaken && { body }) })).status).toBe(404);
      }
    }
    const wrong = {
      proof: { authorization: 'Bearer wrong' },
      headers: { 'x-forwarded-for': '203.0.113.254' },
    };
    const tries = Array.from({ length: 22 }, () => ask('GET /admin/audit', wrong));
    expect((await Promise.all(tries)).map(({ status }) => status)).toContain(429);
  });

  it('for every route, with a success of each', () => {
    const without = house.judge.routes.filter((route) => {
      const seen = [...(house.judge.seen.get(nameOf(route)) ?? [])];
      return !seen.some((status) => status < 300);
    });
    expect(without.map(nameOf)).toEqual([]);
  });
});
