import { createHmac } from 'node:crypto';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const SECRET = 'the-shared-secret-of-a-deluge-function';
const TOKEN = 'sophia.deals.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const ENVIRONMENT = { WEBHOOK_SECRETS: SECRET, ZOHO_CHANNEL_TOKENS: `1000000068002:${TOKEN}` };

/** In the shape of a captured v8 batch notification, with invented values. */
const NOTIFICATION = {
  server_time: 1765459013625,
  affected_values: [
    { record_id: '6890123000000452033', values: { Stage: 'Closed Won' } },
    { record_id: '6890123000000452034', values: { Stage: 'Negotiation/Review' } },
  ],
  query_params: { secret: 'of-the-address' },
  module: 'Deals',
  resource_uri: 'https://www.zohoapis.com/crm/v2/Deals',
  ids: ['6890123000000452033', '6890123000000452034'],
  affected_fields: [{ '6890123000000452033': ['Stage'] }, { '6890123000000452034': ['Stage'] }],
  operation: 'update',
  channel_id: '1000000068002',
  token: TOKEN,
};

describe('the front door for Zoho', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open(ENVIRONMENT);
  });
  afterAll(() => house.close());

  async function post(body: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${house.service.url}/webhooks/zoho`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, milliseconds: 0, body: await response.json() };
  }

  const signed = (body: string) => ({
    'x-zoho-signature': createHmac('sha256', SECRET).update(body).digest('base64'),
  });

  it('makes one row of each record of a notification, and none of a repeat', async () => {
    const first = await post(JSON.stringify(NOTIFICATION));
    expect(first).toMatchObject({
      status: 200,
      body: { status: 'accepted', events: [{ status: 'accepted' }, { status: 'accepted' }] },
    });
    const again = await post(JSON.stringify(NOTIFICATION));
    expect(again).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect(answerBody(again).eventIds).toEqual(answerBody(first).eventIds);
    const partly = await post(
      JSON.stringify({ ...NOTIFICATION, ids: [...NOTIFICATION.ids, '6890123000000452035'] }),
    );
    expect(partly).toMatchObject({
      body: {
        status: 'accepted',
        events: [{ status: 'duplicate' }, { status: 'duplicate' }, { status: 'accepted' }],
      },
    });
  });

  it('takes the generic form, a workflow form and a module nobody knows, signed', async () => {
    const generic = JSON.stringify({
      event_id: 'evt-1',
      event_type: 'Accounts.edit',
      record_id: '42',
      modified_fields: ['Owner'],
    });
    expect(await post(generic, signed(generic))).toMatchObject({ status: 200, body: { status: 'accepted' } });
    const form = 'module=Contacts&operation=insert&id=4711';
    const formType = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(form, { ...signed(form), ...formType })).toMatchObject({
      status: 200,
      body: { status: 'accepted' },
    });
    const unknown = JSON.stringify({
      event_id: 'evt-2',
      module: 'Invoices',
      operation: 'insert',
      ids: ['9'],
    });
    expect(await post(unknown, signed(unknown))).toMatchObject({ status: 200, body: { status: 'accepted' } });
  });

  it('keeps an authentic body without a module, as a dead letter that agents hear of', async () => {
    const agent = await subscribe(house.redis.url);
    const body = '{"hello":"world"}';
    expect(await post(body, signed(body))).toMatchObject({ status: 200, body: { status: 'accepted' } });
    await waitFor('the message', () => agent.received.length === 1);
    agent.close();
    expect(agent.received[0]).toMatchObject({
      channel: 'sophia:zoho:errors',
      message: { error: { code: 'PAYLOAD.NOT_UNDERSTOOD' } },
    });
  });

  it.each([
    ['no proof', JSON.stringify({ module: 'Deals' }), {}],
    ['an unknown channel', JSON.stringify({ ...NOTIFICATION, channel_id: '1' }), {}],
    ['a wrong token', JSON.stringify({ ...NOTIFICATION, token: 'x'.repeat(45) }), {}],
    ['a wrong signature beside a right token', JSON.stringify(NOTIFICATION), { 'x-zoho-signature': '00' }],
    ['no JSON and no proof', 'hello', {}],
  ])('answers 401 to %s', async (_what, body, headers: Record<string, string>) => {
    expect(await post(body, headers)).toMatchObject({ status: 401, body: { title: 'Unauthorized' } });
  });

  it('answers 415 to XML', async () => {
    expect(await post('<a/>', { 'content-type': 'application/xml' })).toMatchObject({ status: 415 });
  });

  it('has a row of every accepted event, its history, and no secret in either', async () => {
    expect(await house.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      house.service.warehousePath,
      'SELECT MODULE, OPERATION, RECORD_IDS, BODY FROM ZOHO_EVENTS_RAW ORDER BY 1, 2, 3',
    );
    expect(rows.map(({ MODULE, OPERATION, RECORD_IDS }) => [MODULE, OPERATION, RECORD_IDS])).toEqual([
      ['Accounts', 'update', '["42"]'],
      ['Contacts', 'create', '["4711"]'],
      ['Deals', 'update', '["6890123000000452033"]'],
      ['Deals', 'update', '["6890123000000452034"]'],
      ['Deals', 'update', '["6890123000000452035"]'],
      ['Invoices', 'create', '["9"]'],
      [null, null, '[]'],
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/3b1f0c9e|of-the-address/);
    expect(house.service.output).not.toMatch(/3b1f0c9e|of-the-address/);
    const history = await queryWarehouse(
      house.service.warehousePath,
      'SELECT STAGE, STATUS, count(*)::INTEGER AS N FROM WEBHOOK_PROCESSING_HISTORY GROUP BY ALL ORDER BY 1, 2',
    );
    expect(history).toEqual([
      { STAGE: 'enrich', STATUS: 'failed', N: 1 },
      { STAGE: 'enrich', STATUS: 'ignored', N: 1 },
      { STAGE: 'enrich', STATUS: 'skipped', N: 5 },
      { STAGE: 'land', STATUS: 'completed', N: 7 },
    ]);
  });
});
