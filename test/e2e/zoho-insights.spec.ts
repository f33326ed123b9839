import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const CHANNEL = '1000000068001';
const TOKEN = 'sophia.insights.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const NOTE = 'Met Jane. They want to cancel and are looking at Clari. I will send the offer by Friday.';

interface Said {
  readonly type: string;
  readonly priority: string;
  readonly summary: string;
  readonly insights: readonly {
    readonly kind: string;
    readonly label?: string;
    readonly source: string;
    readonly evidence: readonly { readonly quote: string; readonly field: string; readonly side: string }[];
  }[];
}

describe('what changes in the CRM mean', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  let service: ServiceProcess;
  let agent: { received: ReceivedMessage[]; close: () => void };
  let accountId: string;
  let dealId: string;

  beforeAll(async () => {
    redis = await startRedis();
    zoho = await ZohoApiSimulator.start();
    service = await ServiceProcess.create({
      REDIS_URL: redis.url,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`,
      ...DESK_TOKENS,
      ...zoho.environment,
    });
    await service.start();
    agent = await subscribe(redis.url);
    accountId = zoho.data.insert('Accounts', {
      Account_Name: 'Blue Harbor',
      Account_Status: 'Active',
      Health_Score: 82,
    });
    dealId = zoho.data.insert('Deals', {
      Deal_Name: 'Blue Harbor renewal',
      Stage: 'Negotiation/Review',
      Type: 'Existing Business',
      Closing_Date: '2026-12-20',
      Account_Name: { id: accountId, name: 'Blue Harbor' },
    });
    zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all', 'Deals.all'],
      notify_url: `${service.url}/webhooks/zoho`,
      return_affected_field_values: true,
    });
    zoho.data.update('Accounts', accountId, { Phone: '+1 555 0100' });
    await accountMessages(1);
  });
  afterAll(async () => {
    agent.close();
    await service.dispose();
    await zoho.stop();
    await redis.stop();
  });

  const onChannel = (name: string) =>
    agent.received
      .filter(({ channel }) => channel === `sophia:zoho:${name}`)
      .map(({ message }) => message as unknown as Said);

  /** Syncs of one account are ten seconds apart. */
  const accountMessages = (count: number) =>
    waitFor(`${count} messages about the account`, () => onChannel('accounts').length >= count, {
      timeoutMs: 60_000,
    });

  it('reaches agents, memory and rows', async () => {
    expect(onChannel('accounts')[0]?.insights).toEqual([]);

    // All within the ten seconds that lie between two syncs, so that they are one change.
    zoho.data.update('Accounts', accountId, { Health_Score: 35, Account_Status: 'At Risk' });
    zoho.data.update('Deals', dealId, { Stage: 'Closed Lost' });
    const noteId = zoho.data.insert('Notes', {
      Note_Title: 'Call notes',
      Note_Content: NOTE,
      Parent_Id: { id: accountId, name: 'Blue Harbor', module: { api_name: 'Accounts', id: '1' } },
    });
    await post({ event_type: 'note_created', module: 'Notes', record_id: noteId, data: { id: noteId } });
    await accountMessages(2);
    const [, change] = onChannel('accounts');
    expect(change).toMatchObject({ type: 'account', priority: 'urgent' });
    expect(change?.insights.map(({ kind, label }) => label ?? kind)).toEqual([
      'Health_Score from 82 to 35',
      'Account_Status from Active to At Risk',
      'Stage from Negotiation/Review to Closed Lost',
      'competitor',
      'churn_risk',
      'action_item',
    ]);
    const sources: Record<string, unknown> = {
      ...zoho.data.get('Accounts', accountId),
      [`Deals[${dealId}].Stage`]: zoho.data.get('Deals', dealId)?.Stage,
      [`Notes[${noteId}].Note_Content`]: NOTE,
    };
    for (const { quote, field, side } of change?.insights.flatMap(({ evidence }) => evidence) ?? []) {
      expect(String(sources[field])).toContain(quote);
      expect(side).toBe('internal');
    }
    await waitFor('the task', () => onChannel('actions').length === 1);

    const { body } = await new AdminDesk(service.url).get('/recall?q=who+changed+to+At+Risk');
    expect(JSON.stringify(body)).toContain('Blue Harbor');
    expect(await service.terminate()).toBe(0);
    const signals = await queryWarehouse(
      service.warehousePath,
      "SELECT INSIGHT_KIND, QUOTE FROM ACCOUNT_SIGNALS WHERE CONVERSATION_KIND = 'account' ORDER BY OCCURRED_AT, QUOTE",
    );
    expect(signals.map(({ QUOTE }) => QUOTE).sort()).toEqual(
      [
        '35',
        'At Risk',
        'Closed Lost',
        'I will send the offer by Friday.',
        'They want to cancel and are looking at Clari.',
        'They want to cancel and are looking at Clari.',
      ].sort(),
    );
  });

  /** As a workflow's webhook does: notes cannot be watched by a channel. */
  async function post(body: object): Promise<void> {
    const response = await fetch(`${service.url}/webhooks/zoho`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel_id: CHANNEL, token: TOKEN, ...body }),
    });
    expect(await response.text()).toContain('"accepted"');
  }
});
