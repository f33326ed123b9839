import { GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';
import {
  FIXTURE_CHANNEL,
  FIXTURE_SECRET,
  fixtureSignature,
  webhookFixture,
  webhookFixtures,
} from '../support/webhook-fixtures.js';

type Row = readonly [module: string | null, operation: string | null, record: string | null];
type Proof = 'token' | 'hmac';

const DEALS = ['5550000000000002033', '5550000000000002034'] as const;

/** What becomes of each body: the events it makes, as rows of ZOHO_EVENTS_RAW. */
const ZOHO: Readonly<Record<string, { readonly proof: Proof; readonly rows: readonly Row[] }>> = {
  'notification-v2.json': { proof: 'token', rows: [['Contacts', 'create', '5550000000000001020']] },
  'notification-v8-insert.json': { proof: 'token', rows: [['Accounts', 'create', '5550000000000001007']] },
  'notification-v8-update.json': {
    proof: 'token',
    rows: [
      ['Deals', 'update', DEALS[0]],
      ['Deals', 'update', DEALS[1]],
    ],
  },
  'notification-v8-delete.json': { proof: 'token', rows: [['Deals', 'delete', DEALS[0]]] },
  'notification-numeric-ids.json': {
    proof: 'token',
    rows: [
      ['Events', 'update', '5550000000000003001'],
      ['Events', 'update', '5550000000000003003'],
    ],
  },
  'notification-without-token.json': { proof: 'token', rows: [] },
  'workflow-with-token.form': {
    proof: 'token',
    rows: [
      ['Tasks', 'create', '5550000000000006001'],
      ['Tasks', 'create', '5550000000000006002'],
    ],
  },
  'workflow.form': { proof: 'hmac', rows: [['Accounts', 'update', '5550000000000001008']] },
  'deluge-note.json': { proof: 'hmac', rows: [['Notes', 'create', '5550000000000004055']] },
  'generic.json': { proof: 'hmac', rows: [['Accounts', 'restore', '5550000000000001007']] },
  'unknown-module.json': { proof: 'hmac', rows: [['Purchase_Orders', 'update', '5550000000000005001']] },
  'no-module.json': { proof: 'hmac', rows: [[null, null, null]] },
};

describe('every form in which vendors send webhooks', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open({ WEBHOOK_SECRETS: FIXTURE_SECRET, ZOHO_CHANNEL_TOKENS: FIXTURE_CHANNEL });
  });
  afterAll(() => house.close());

  async function postZoho(name: string, proof: Proof) {
    const { body, contentType } = webhookFixture(name);
    const response = await fetch(`${house.service.url}/webhooks/zoho`, {
      method: 'POST',
      headers: { 'content-type': contentType, ...(proof === 'hmac' && fixtureSignature(body)) },
      body: new Uint8Array(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  function postGong(kind: string, name: string, urlSuffix = '') {
    const { body } = webhookFixture(name);
    const path = `/webhook/gong/${kind}${urlSuffix}`;
    const token = house.signer.sign({ url: `${house.service.url}${path}`, body });
    return house.sender.send({ path, body, token });
  }

  it('has an expectation for each fixture of Zoho', () => {
    expect(webhookFixtures('zoho').map(({ name }) => name)).toEqual(
      Object.keys(ZOHO)
        .map((file) => `zoho/${file}`)
        .sort(),
    );
  });

  it.each(Object.entries(ZOHO))(
    'takes or refuses zoho/%s as the facts say',
    async (file, { proof, rows }) => {
      const answer = await postZoho(`zoho/${file}`, proof);
      if (rows.length === 0) {
        expect(answer).toMatchObject({ status: 401, body: { code: 'SIGNATURE.MISSING' } });
        return;
      }
      expect(answer).toMatchObject({ status: 200, body: { status: 'accepted' } });
      expect(answer.body.eventIds).toHaveLength(rows.length);
    },
  );

  it.each(Object.entries(ZOHO))('refuses zoho/%s without its proof', async (file, { proof }) => {
    const { body, contentType } = webhookFixture(`zoho/${file}`);
    const forged = body.toString().replaceAll('0f9e8d7c', '0f9e8d7d');
    const response = await fetch(`${house.service.url}/webhooks/zoho`, {
      method: 'POST',
      headers: { 'content-type': contentType, ...(proof === 'hmac' && fixtureSignature(Buffer.from('x'))) },
      body: forged,
    });
    expect(response.status).toBe(401);
  });

  it.each([
    ['calls', 'gong/call.json', ''],
    ['meetings', 'gong/call.json', ''],
    ['emails', 'gong/email.json', ''],
    ['calls', 'gong/payload-as-printed-in-the-help.json', ''],
    ['calls', 'gong/call.json', '/'],
    ['calls', 'gong/call.json', '?team=emea&b=%20'],
  ])('takes at %s the body %s, addressed with "%s" behind', async (kind, name, suffix) => {
    const answer = await postGong(kind, name, suffix);
    expect(answer).toMatchObject({
      status: 200,
      body: { status: suffix === '' ? 'accepted' : 'duplicate' },
    });
  });

  it('has one row for each event, with every digit of the ids and none of the proofs', async () => {
    await waitFor('the dead letters', async () => (await house.metric(DEAD_LETTERS)) === 2);
    expect(await house.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      house.service.warehousePath,
      'SELECT MODULE, OPERATION, RECORD_IDS, BODY FROM ZOHO_EVENTS_RAW',
    );
    const expected = Object.values(ZOHO).flatMap(({ rows: own }) => own);
    expect(
      rows.map(({ MODULE, OPERATION, RECORD_IDS }) => [MODULE, OPERATION, RECORD_IDS].join()).sort(),
    ).toEqual(
      expected
        .map(([module, operation, id]) => [module, operation, id === null ? '[]' : `["${id}"]`].join())
        .sort(),
    );
    expect(JSON.stringify(rows)).not.toMatch(/0f9e8d7c|a-secret-of-the-address/);
    const gong = await queryWarehouse(
      house.service.warehousePath,
      'SELECT BODY FROM GONG_WEBHOOKS_RAW ORDER BY BODY',
    );
    expect(gong.map(({ BODY }) => BODY)).toEqual(
      ['call', 'call', 'email', 'payload-as-printed-in-the-help']
        .map((name) => webhookFixture(`gong/${name}.json`).body.toString())
        .sort(),
    );
    const history = await queryWarehouse(
      house.service.warehousePath,
      "SELECT STATUS, count(*)::INTEGER AS N FROM WEBHOOK_PROCESSING_HISTORY WHERE STATUS IN ('ignored', 'failed') GROUP BY 1 ORDER BY 1",
    );
    expect(history).toEqual([
      { STATUS: 'failed', N: 2 },
      { STATUS: 'ignored', N: 1 },
    ]);
  });
});

const DEAD_LETTERS = 'dead_letters{queue="events",code="PAYLOAD.NOT_UNDERSTOOD"}';

describe('what the counts say of it', () => {
  it('counts by vendor and by module', async () => {
    const house = await GongHouse.open({ WEBHOOK_SECRETS: FIXTURE_SECRET });
    try {
      for (const name of ['deluge-note.json', 'generic.json', 'unknown-module.json', 'generic.json']) {
        const { body, contentType } = webhookFixture(`zoho/${name}`);
        await fetch(`${house.service.url}/webhooks/zoho`, {
          method: 'POST',
          headers: { 'content-type': contentType, ...fixtureSignature(body) },
          body: new Uint8Array(body),
        });
      }
      await house.post('{"open":');
      await house.post('{}', 'no token');
      await fetch(`${house.service.url}/webhook/gong/voicemails`, { method: 'POST' });
      expect(await (await fetch(`${house.service.url}/webhooks/metrics`)).json()).toMatchObject({
        total_events: 6,
        verified_events: 5,
        rejected_events: 2,
        duplicated_events: 1,
        queued_events: 3,
        failed_events: 0,
        acceptance_rate: 83.33,
        deduplication_rate: 20,
        vendors: { gong: { rejected: 2 }, zoho: { accepted: 3, duplicate: 1 } },
        modules: { Notes: 1, Accounts: 2, other: 1 },
      });
      const unknown = 'webhook_requests_total{endpoint="unknown",status="404"}';
      expect(await house.metric(unknown)).toBe(1);
    } finally {
      await house.close();
    }
  });
});
