import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const LIMIT = { timeoutMs: 60_000 };

describe('Zoho away, and the service killed (-9) meanwhile', () => {
  let zoho: ZohoApiSimulator;
  let house: GongHouse;

  beforeAll(async () => {
    zoho = await ZohoApiSimulator.start();
    house = await GongHouse.open({ ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`, ...zoho.environment });
    zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all', 'Contacts.all'],
      notify_url: `${house.service.url}/webhooks/zoho`,
    });
  });
  afterAll(async () => {
    await house.close();
    await zoho.stop();
  });

  it('has one snapshot of each account when Zoho is back, and no dead letter', async () => {
    zoho.outage = 503;
    const ids = ['Acme', 'Globex', 'Initech'].map((name) => {
      const id = zoho.data.insert('Accounts', { Account_Name: name, Account_Status: 'Active' });
      zoho.data.insert('Contacts', { Full_Name: `Jane of ${name}`, Account_Name: { id, name } });
      return id;
    });
    await zoho.notified();
    expect(zoho.notifications.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const faults = () => zoho.apiRequests.filter(({ status }) => status === 503).length;
    await waitFor(
      'the circuit to open',
      async () => (await house.metric('circuit_state{dependency="zoho"}')) === 2,
      LIMIT,
    );
    expect(faults()).toBeGreaterThanOrEqual(5);
    await house.service.kill9();
    await house.service.start();
    zoho.outage = undefined;
    const rows = 'warehouse_rows_total{table="ZOHO_ACCOUNT_SNAPSHOTS"}';
    await waitFor('the snapshots', async () => (await house.metric(rows)) >= ids.length, LIMIT);
    const depth = (queue: string, state: string) =>
      house.metric(`queue_depth{queue="${queue}",state="${state}"}`);
    const busy = ['waiting', 'active', 'delayed'].flatMap((state) => [
      depth.bind(null, 'events', state),
      depth.bind(null, 'account-sync', state),
    ]);
    await waitFor(
      'all to be done',
      async () => (await Promise.all(busy.map((ask) => ask()))).every((count) => count === 0),
      LIMIT,
    );
    expect(await Promise.all(['events', 'account-sync'].map((queue) => depth(queue, 'failed')))).toEqual([
      0, 0,
    ]);
    const { zoho: health } = (
      (await (await fetch(`${house.service.url}/health`)).json()) as { details: { zoho: object } }
    ).details;
    expect(health).toMatchObject({ status: 'up', configured: true });
    expect(await house.service.terminate()).toBe(0);
    const current = await queryWarehouse(
      house.service.warehousePath,
      `SELECT ACCOUNT_ID, json_extract_string(CONTACTS, '$[0].Full_Name') AS CONTACT FROM ZOHO_ACCOUNTS_CURRENT ORDER BY 1`,
    );
    expect(current).toEqual([
      { ACCOUNT_ID: ids[0], CONTACT: 'Jane of Acme' },
      { ACCOUNT_ID: ids[1], CONTACT: 'Jane of Globex' },
      { ACCOUNT_ID: ids[2], CONTACT: 'Jane of Initech' },
    ]);
    const { ZOHO_CLIENT_SECRET = '', ZOHO_REFRESH_TOKEN = '' } = zoho.environment;
    expect(house.service.output).not.toContain(ZOHO_CLIENT_SECRET);
    expect(house.service.output).not.toContain(ZOHO_REFRESH_TOKEN);
    expect(house.service.output).not.toContain('Zoho-oauthtoken');
  }, 240_000);
});
