import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZOHO_CLIENT, ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';

/** What the simulator is trusted for: that it is as strict and as odd as Zoho CRM. */
describe('the simulated Zoho', () => {
  let zoho: ZohoApiSimulator;
  let token: string;

  beforeEach(async () => {
    zoho = await ZohoApiSimulator.start({ credits: 1_000 });
    token = ((await grant()).body as { access_token: string }).access_token;
  });
  afterEach(() => zoho.stop());

  async function ask(
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; body: unknown; credits: string | null }> {
    const headers = { authorization: `Zoho-oauthtoken ${token}`, ...init.headers };
    const response = await fetch(`${zoho.url}${path}`, { ...init, headers });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, body, credits: response.headers.get('x-api-credits-remaining') };
  }

  function grant(more: Record<string, string> = {}) {
    const { id, secret, refreshToken } = ZOHO_CLIENT;
    const form = {
      client_id: id,
      client_secret: secret,
      refresh_token: refreshToken,
      grant_type: 'refresh_token',
    };
    return ask('/oauth/v2/token', { method: 'POST', body: new URLSearchParams({ ...form, ...more }) });
  }

  const watch = (method: string, entries: object[]) =>
    ask('/crm/v8/actions/watch', { method, body: JSON.stringify({ watch: entries }) });
  const codes = ({ body }: { body: unknown }) =>
    (body as { watch: { code: string }[] }).watch.map(({ code }) => code);

  it('gives ten tokens in ten minutes, and then says "Access Denied" with 400', async () => {
    for (let count = 2; count <= 10; count += 1) expect(await grant()).toMatchObject({ status: 200 });
    expect(await grant()).toMatchObject({ status: 400, body: { error: 'Access Denied', status: 'failure' } });
  });

  it('refuses credentials with 200', async () => {
    expect(await grant({ refresh_token: 'x' })).toMatchObject({
      status: 200,
      body: { error: 'invalid_code' },
    });
    expect(await grant({ client_id: 'x' })).toMatchObject({ status: 200, body: { error: 'invalid_client' } });
  });

  it('wants a token, in its own scheme', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect(await ask('/crm/v8/Accounts/1', { headers })).toMatchObject({
      status: 401,
      body: { code: 'INVALID_TOKEN' },
    });
    zoho.oauth.revokeTokens();
    expect(await ask('/crm/v8/Accounts/1')).toMatchObject({ status: 401 });
  });

  it('wants fields for lists, at most fifty, and gives nothing else', async () => {
    zoho.data.insert('Accounts', { Account_Name: 'Acme', Industry: 'Toys' });
    expect(await ask('/crm/v8/Accounts')).toMatchObject({
      status: 400,
      body: { code: 'REQUIRED_PARAM_MISSING' },
    });
    const many = Array.from({ length: 51 }, (_item, index) => `F${index}`).join(',');
    expect(await ask(`/crm/v8/Accounts?fields=${many}`)).toMatchObject({ status: 400 });
    const { body } = await ask('/crm/v8/Accounts?fields=Industry');
    expect(body).toMatchObject({ data: [{ Industry: 'Toys', id: expect.any(String) }] });
    expect(JSON.stringify(body)).not.toContain('Acme');
  });

  it.each([
    ['a record that is not there', '/crm/v8/Accounts/404', 204],
    ['a list without rows', '/crm/v8/Deals?fields=Deal_Name', 204],
    ['a module that does not exist', '/crm/v8/Unicorns/1', 400],
    [
      'more ids than fit',
      `/crm/v8/Accounts?fields=id&ids=${Array(60).fill('6890123000000451007').join(',')}`,
      400,
    ],
    ['an eleventh page', '/crm/v8/Accounts?fields=Account_Name&page=11', 400],
    ['another version', '/crm/v2/Accounts/1', 404],
  ])('answers %s as Zoho does', async (_what, path, status) => {
    expect(await ask(path)).toMatchObject({ status });
  });

  it('answers 304 where nothing has changed since', async () => {
    const id = zoho.data.insert('Accounts', { Account_Name: 'Acme' });
    const since = (milliseconds: number) => ({
      headers: {
        'if-modified-since': `${new Date(Date.now() + milliseconds).toISOString().slice(0, 19)}+00:00`,
      },
    });
    expect(await ask(`/crm/v8/Accounts/${id}`, since(-60_000))).toMatchObject({ status: 200 });
    expect(await ask(`/crm/v8/Accounts/${id}`, since(60_000))).toMatchObject({ status: 304 });
  });

  it('freezes the parameters of a page token', async () => {
    for (let count = 0; count < 3; count += 1) zoho.data.insert('Accounts', { Account_Name: `A${count}` });
    const { body } = await ask('/crm/v8/Accounts?fields=Account_Name&per_page=2');
    const { next_page_token: next } = (body as { info: { next_page_token: string } }).info;
    const path = (fields: string) => `/crm/v8/Accounts?fields=${fields}&per_page=2&page_token=${next}`;
    expect(await ask(path('Account_Name'))).toMatchObject({
      status: 200,
      body: { info: { more_records: false } },
    });
    expect(await ask(path('Industry'))).toMatchObject({ status: 400 });
  });

  it('shows the credits once half of them are used, and then refuses without saying how long', async () => {
    expect((await ask('/crm/v8/Accounts/1')).credits).toBeNull();
    zoho.spendCredits(2);
    expect((await ask('/crm/v8/Accounts/1')).credits).toBe('1');
    await ask('/crm/v8/Accounts/1');
    expect(await ask('/crm/v8/Accounts/1')).toMatchObject({
      status: 429,
      body: { code: 'TOO_MANY_REQUESTS' },
      credits: '0',
    });
  });

  it('charges queries by their limit, and refuses what it cannot parse', async () => {
    const query = (select_query: string) =>
      ask('/crm/v8/coql', { method: 'POST', body: JSON.stringify({ select_query }) });
    zoho.spendCredits(3);
    expect(await query('select id from Accounts limit 2000')).toMatchObject({ status: 204, credits: '0' });
    zoho.renewCredits();
    expect(await query('selekt id form Accounts')).toMatchObject({
      status: 400,
      body: { code: 'SYNTAX_ERROR' },
    });
    expect(await query('select id from Accounts limit 2001')).toMatchObject({ status: 400 });
  });

  it('takes five reads in a composite request, of twenty-five rows each', async () => {
    for (let count = 0; count < 30; count += 1) zoho.data.insert('Contacts', { Full_Name: `C${count}` });
    const parts = (count: number) =>
      JSON.stringify({
        __composite_requests: Array.from({ length: count }, () => ({
          method: 'GET',
          uri: '/crm/v8/Contacts',
          params: { fields: 'Full_Name' },
        })),
      });
    const send = (count: number) =>
      ask('/crm/v8/__composite_requests', { method: 'POST', body: parts(count) });
    expect(await send(6)).toMatchObject({ status: 400 });
    const { body } = await send(2);
    const [first] = (
      body as { __composite_requests: { details: { response: { body: { data: unknown[] } } } }[] }
    ).__composite_requests;
    expect(first?.details.response.body.data).toHaveLength(25);
  });

  describe('its channels', () => {
    const CHANNEL = {
      channel_id: '1000000068001',
      events: ['Accounts.all', 'Deals.edit'],
      token: 't'.repeat(50),
      notify_url: 'http://127.0.0.1:9/hook?k=secret',
      return_affected_field_values: true,
    };
    const inDays = (days: number) =>
      `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}+00:00`;
    const hoursLeft = ({ body }: { body: unknown }) => {
      const [item] = (body as { watch: { details: { events: { channel_expiry: string }[] } }[] }).watch;
      return Math.round((Date.parse(item?.details.events[0]?.channel_expiry ?? '') - Date.now()) / 3_600_000);
    };

    it('last a week at most, and silently an hour where more or nothing was asked', async () => {
      expect(hoursLeft(await watch('POST', [{ ...CHANNEL, channel_expiry: inDays(6) }]))).toBe(144);
      expect(hoursLeft(await watch('POST', [{ ...CHANNEL, channel_expiry: inDays(8) }]))).toBe(1);
      expect(hoursLeft(await watch('POST', [CHANNEL]))).toBe(1);
    });

    it.each([
      ['a token of 51 characters', { token: 't'.repeat(51) }, 'INVALID_DATA'],
      ['an expiry with milliseconds', { channel_expiry: new Date().toISOString() }, 'INVALID_DATA'],
      ['no address', { notify_url: undefined }, 'MANDATORY_NOT_FOUND'],
      ['notes, which cannot be watched', { events: ['Notes.all'] }, 'NOT_SUPPORTED'],
    ])('are refused inside a 202 for %s', async (_what, more, code) => {
      const answer = await watch('POST', [{ ...CHANNEL, ...more }]);
      expect([answer.status, ...codes(answer)]).toEqual([202, code]);
    });

    it('answer 201, 200, 207 and 202 by what became of the entries', async () => {
      expect((await watch('POST', [CHANNEL])).status).toBe(201);
      expect((await watch('PUT', [CHANNEL])).status).toBe(200);
      const mixed = await watch('POST', [CHANNEL, { ...CHANNEL, token: 't'.repeat(51) }]);
      expect([mixed.status, ...codes(mixed)]).toEqual([207, 'SUCCESS', 'INVALID_DATA']);
      const unknown = await watch('PATCH', [{ channel_id: '5' }]);
      expect([unknown.status, ...codes(unknown)]).toEqual([202, 'NOT_SUBSCRIBED']);
      expect(
        (await ask('/crm/v8/actions/watch?channel_ids=1000000068001', { method: 'DELETE' })).status,
      ).toBe(200);
      expect((await ask('/crm/v8/actions/watch')).status).toBe(204);
    });

    it('lose their token by a PATCH that does not carry it', async () => {
      await watch('POST', [CHANNEL]);
      await watch('PATCH', [{ channel_id: CHANNEL.channel_id, events: CHANNEL.events }]);
      expect((await ask('/crm/v8/actions/watch')).body).toMatchObject({ watch: [{ token: null }] });
    });

    it('tell of changes as Zoho does: many ids at once, the token, nothing of a restore', async () => {
      const received: Record<string, unknown>[] = [];
      const receiver = await listen(received);
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?tenant=acme`;
      await watch('POST', [{ ...CHANNEL, notify_url: url }]);
      const ids = ['A', 'B'].map((name) => zoho.data.insert('Accounts', { Account_Name: name }));
      await zoho.notified();
      zoho.data.updateMany(
        'Accounts',
        ids.map((id) => [id, { Industry: 'Toys' }] as const),
      );
      await zoho.notified();
      zoho.data.delete('Accounts', ids[0] ?? '');
      await zoho.notified();
      zoho.data.restore(ids[0] ?? '');
      zoho.data.insert('Deals', { Deal_Name: 'not watched for create' });
      await zoho.notified();
      expect(received.map(({ operation }) => operation)).toEqual(['insert', 'insert', 'update', 'delete']);
      expect(received[2]).toMatchObject({
        module: 'Accounts',
        ids,
        affected_fields: ids.map((id) => ({ [id]: ['Industry'] })),
        affected_values: ids.map((id) => ({ record_id: id, values: { Industry: 'Toys' } })),
        query_params: { tenant: 'acme' },
        channel_id: CHANNEL.channel_id,
        token: CHANNEL.token,
        server_time: expect.any(Number),
      });
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    });
  });

  describe('tasks that are inserted', () => {
    const insert = (data: object[]) =>
      ask('/crm/v8/Tasks', { method: 'POST', body: JSON.stringify({ data }) });

    it('are answered one by one: 201 where all are there, 202 where none is, 207 for some', async () => {
      const id = zoho.data.insert('Accounts', { Account_Name: 'A' });
      const good = { Subject: 'S', What_Id: { id }, $se_module: 'Accounts', Due_Date: '2026-12-04' };
      const added = await insert([good]);
      expect([added.status, ...answersIn(added)]).toEqual([201, 'SUCCESS']);
      expect(zoho.data.all('Tasks')).toMatchObject([{ ...good, Status: 'Not Started' }]);
      const none = await insert([
        { ...good, Subject: '' },
        { ...good, Due_Date: 'Friday' },
      ]);
      expect([none.status, ...answersIn(none)]).toEqual([202, 'MANDATORY_NOT_FOUND', 'INVALID_DATA']);
      const some = await insert([{ ...good, What_Id: { id: '1' } }, good]);
      expect([some.status, ...answersIn(some)]).toEqual([207, 'INVALID_DATA', 'SUCCESS']);
      expect(zoho.data.all('Tasks')).toHaveLength(2);
    });

    it('are there though the answer is lost, and are not known again', async () => {
      zoho.tasks.faults.push('answer lost', '500');
      await expect(insert([{ Subject: 'S' }])).rejects.toThrow();
      expect((await insert([{ Subject: 'S' }])).status).toBe(500);
      expect((await insert([{ Subject: 'S' }])).status).toBe(201);
      expect(zoho.data.all('Tasks')).toHaveLength(2);
    });

    it('go to users who are active', async () => {
      const active = zoho.users.add('Olga', 'olga@northwind.example');
      const gone = zoho.users.add('Ken', 'ken@northwind.example', 'disabled');
      expect((await ask('/crm/v8/users?type=ActiveUsers')).body).toMatchObject({
        users: [{ full_name: 'Patricia Boyle' }, { id: active }],
        info: { count: 2, more_records: false },
      });
      expect(answersIn(await insert([{ Subject: 'S', Owner: { id: gone } }]))).toEqual(['INVALID_DATA']);
      await insert([{ Subject: 'S', Owner: { id: active } }]);
      expect(zoho.data.all('Tasks')[0]?.Owner).toEqual({ id: active, name: 'Olga' });
    });
  });
});

function answersIn({ body }: { body: unknown }): string[] {
  return (body as { data: { code: string }[] }).data.map(({ code }) => code);
}

function listen(received: Record<string, unknown>[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      response.end();
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
