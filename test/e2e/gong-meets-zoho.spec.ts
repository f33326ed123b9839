import { gongTracker } from '../factories/gong-call.factory.js';
import { type AccountAnswer, AccountHouse, externalParty } from '../support/account-house.js';
import { READER_TOKEN } from '../support/admin-desk.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const UNHAPPY = [gongTracker('Churn risk', { 'unhappy with the onboarding': 2 })];

/** Ids of the calls of this file by what finds their account, or keeps it from being found. */
const CALLS = {
  crmContext: '8100000000000000001',
  email: '8100000000000000002',
  domain: '8100000000000000003',
  freeMail: '8100000000000000004',
  ambiguous: '8100000000000000005',
} as const;

const accountLink = (objectId: string) => [
  { system: 'Generic', objects: [{ objectType: 'Account', objectId, fields: [] }] },
];

describe('Gong meets Zoho', () => {
  let house: AccountHouse;
  let agent: Awaited<ReturnType<typeof subscribe>>;
  let acme: string;
  let birch: string;
  let cedar: string;
  let twins: string[];

  beforeAll(async () => {
    house = await AccountHouse.open();
    acme = house.addAccount({ name: 'Acme Robotics', website: 'https://www.acme.example' });
    birch = house.addAccount({
      name: 'Birch Dental',
      contacts: [{ name: 'Carla Diaz', email: 'Carla.Diaz@gmail.com' }],
    });
    cedar = house.addAccount({ name: 'Cedar Freight', website: 'cedar.example/about' });
    twins = ['Twin East', 'Twin West'].map((name) =>
      house.addAccount({ name, website: 'https://twin.example' }),
    );
    await house.zoho.notified();
    await house.remembered([acme, birch, cedar, ...twins]);
    agent = await subscribe(house.gong.redis.url);
    const call = (id: string, parties: [name: string, email: string][], linked?: string) =>
      house.postCall({
        metaData: { id, direction: 'Outbound' },
        context: linked === undefined ? [] : accountLink(linked),
        parties: parties.map(([name, email]) => externalParty(name, email)),
        trackers: UNHAPPY,
      });
    await call(CALLS.crmContext, [['Dora', 'dora@cedar.example']], acme);
    await call(CALLS.email, [['Carla', 'carla.diaz@GMAIL.com']]);
    await call(CALLS.domain, [
      ['Emil', 'emil@eu.cedar.example'],
      ['Finn', 'finn@gmail.com'],
    ]);
    await call(CALLS.freeMail, [['Gus', 'gus@gmail.com']]);
    await call(CALLS.ambiguous, [['Hana', 'hana@twin.example']]);
    await house.postEmail({
      emailId: 'mail-1',
      subject: 'Notice',
      from: 'carla.diaz@gmail.com',
      body: 'Please take this as our notice: we will not renew.',
    });
    await house.synced([acme, birch, cedar], ({ memory }) => memory.text.includes('## Conversations'));
    await house.synced([birch], ({ memory }) => memory.text.includes('Notice'));
  }, 120_000);
  afterAll(async () => {
    agent.close();
    await house.close();
  });

  const subjectOf = ({ message }: ReceivedMessage) =>
    message.subject as { id: string; account: { id: string; name: string } | null } | null;
  const accountsIn = (channel: string, id: string) => {
    const messages = agent.received.filter((received) => {
      return received.channel === channel && subjectOf(received)?.id === id;
    });
    return messages.map((received) => subjectOf(received)?.account ?? null);
  };
  const conversations = ({ conversations: { items } }: AccountAnswer) =>
    items.map(({ kind, id, matchedBy }) => [kind, id, matchedBy]);

  it.each([
    ['the link of the CRM', CALLS.crmContext, () => acme, 'Acme Robotics'],
    ['the address of a contact, even of free mail', CALLS.email, () => birch, 'Birch Dental'],
    ['the domain of a website, or of one above it', CALLS.domain, () => cedar, 'Cedar Freight'],
  ])('tells agents the account that %s leads to', async (_what, callId, accountId, name) => {
    const account = { id: accountId(), name };
    await waitFor('the messages', () => accountsIn('sophia:gong:insights', callId).length > 0);
    expect(accountsIn('sophia:gong:calls', callId)).toEqual([account]);
    expect(new Set(accountsIn('sophia:gong:insights', callId))).toEqual(new Set([account]));
  });

  it.each([
    ['nobody where there is free mail only', CALLS.freeMail],
    ['nobody where two accounts fit', CALLS.ambiguous],
  ])('names %s', async (_what, callId) => {
    await waitFor('the message', () => accountsIn('sophia:gong:calls', callId).length > 0);
    expect(accountsIn('sophia:gong:calls', callId)).toEqual([null]);
  });

  it('keeps all candidates where several accounts fit', async () => {
    const { body } = await house.desk.get(`/events?entity=${CALLS.ambiguous}`);
    const [event] = body.items ?? [];
    const { timeline } = (await house.desk.get(`/events/${String(event?.eventId)}`)).body;
    expect(timeline).toContainEqual(
      expect.objectContaining({
        stage: 'enrich',
        details: expect.objectContaining({ accountCandidates: twins, accountBy: 'domain' }) as object,
      }),
    );
  });

  it('shows the whole of an account: its fields, conversations, syncs and memory', async () => {
    const answers = await Promise.all([acme, birch, cedar].map((id) => house.account(id)));
    expect(answers.map(conversations)).toEqual([
      [['call', CALLS.crmContext, 'crm-context']],
      expect.arrayContaining([
        ['call', CALLS.email, 'contact-email'],
        ['email', 'mail-1', 'contact-email'],
      ]),
      [['call', CALLS.domain, 'domain']],
    ]);
    const [, answer] = answers;
    expect(answer).toMatchObject({
      name: 'Birch Dental',
      snapshot: {
        isDeleted: false,
        fields: { Account_Name: 'Birch Dental' },
        contacts: [{ Full_Name: 'Carla Diaz', Email: 'Carla.Diaz@gmail.com' }],
      },
      sync: { state: 'idle', waitingEvents: 0, lastFailure: null },
      memory: { isRead: true, isRemembered: true, isRecallable: true },
    });
    const call = answer?.conversations.items.find(({ id }) => id === CALLS.email);
    expect(call?.url).toBe(`https://us-12345.app.gong.io/call?id=${CALLS.email}`);
    expect(call?.insights).toContainEqual(
      expect.objectContaining({
        kind: 'churn_risk',
        evidence: expect.arrayContaining([
          expect.objectContaining({ quote: 'unhappy with the onboarding' }),
        ]) as unknown,
      }),
    );
    expect((await house.desk.get(String(call?.event).replace('/admin', ''))).status).toBe(200);
    expect(Date.parse(answer?.sync.lastSyncedAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(answer?.memory.text).toContain('unhappy with the onboarding');
  });

  it('gives conversations page by page', async () => {
    const first = await house.desk.get(`/accounts/${birch}?limit=1`);
    const { items, nextCursor } = first.body.conversations as AccountAnswer['conversations'];
    const second = await house.desk.get(`/accounts/${birch}?limit=1&cursor=${String(nextCursor)}`);
    const rest = second.body.conversations as AccountAnswer['conversations'];
    expect([...items, ...rest.items].map(({ id }) => id).sort()).toEqual([CALLS.email, 'mail-1']);
    expect(rest.nextCursor).toBeNull();
  });

  it('lets memory answer with what was said in a call', async () => {
    const { body } = await house.desk.get('/recall?q=who is unhappy about onboarding?&limit=10');
    const accounts = body.items?.map(({ accountId }) => accountId);
    expect(new Set(accounts)).toEqual(new Set([acme, birch, cedar]));
    expect(body.items?.[0]?.text).toContain('unhappy with the onboarding');
  });

  it('does not know an account that nobody has, and shows none without an admin token', async () => {
    expect(await house.desk.get('/accounts/1')).toMatchObject({
      status: 404,
      body: { code: 'REQUEST.NOT_FOUND' },
    });
    expect(await house.desk.get(`/accounts/${'x'.repeat(90)}%20`)).toMatchObject({ status: 404 });
    expect(await house.desk.get(`/accounts/${acme}?limit=0`)).toMatchObject({ status: 400 });
    expect(await house.desk.get(`/accounts/${acme}?cursor=odd`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST.INVALID_CURSOR' },
    });
    expect(await house.desk.ask('GET', `/accounts/${acme}`, undefined, '')).toMatchObject({ status: 401 });
    expect(await house.desk.ask('GET', `/accounts/${acme}`, undefined, READER_TOKEN)).toMatchObject({
      status: 403,
    });
  });

  it('leaves the account in the rows, and its signals by account in the view', async () => {
    expect(await house.gong.service.terminate()).toBe(0);
    const path = house.gong.service.warehousePath;
    const rows = await queryWarehouse(path, 'SELECT CALL_ID, ACCOUNT_ID FROM GONG_CALLS_ENHANCED ORDER BY 1');
    expect(rows).toEqual([
      { CALL_ID: CALLS.crmContext, ACCOUNT_ID: acme },
      { CALL_ID: CALLS.email, ACCOUNT_ID: birch },
      { CALL_ID: CALLS.domain, ACCOUNT_ID: cedar },
      { CALL_ID: CALLS.freeMail, ACCOUNT_ID: null },
      { CALL_ID: CALLS.ambiguous, ACCOUNT_ID: null },
    ]);
    expect(await queryWarehouse(path, 'SELECT ACCOUNT_ID FROM GONG_EMAILS_ENHANCED')).toEqual([
      { ACCOUNT_ID: birch },
    ]);
    const signals = await queryWarehouse(
      path,
      `SELECT DISTINCT ACCOUNT_ID, ACCOUNT_NAME, CONVERSATION_KIND, CONVERSATION_ID FROM ACCOUNT_SIGNALS
       WHERE INSIGHT_KIND = 'churn_risk' ORDER BY ACCOUNT_NAME, CONVERSATION_KIND`,
    );
    expect(signals).toEqual(
      [
        ...[[acme, 'Acme Robotics', 'call', CALLS.crmContext]],
        ...[[birch, 'Birch Dental', 'call', CALLS.email]],
        ...[[birch, 'Birch Dental', 'email', 'mail-1']],
        ...[[cedar, 'Cedar Freight', 'call', CALLS.domain]],
      ].map(([ACCOUNT_ID, ACCOUNT_NAME, CONVERSATION_KIND, CONVERSATION_ID]) => {
        return { ACCOUNT_ID, ACCOUNT_NAME, CONVERSATION_KIND, CONVERSATION_ID };
      }),
    );
  });
});
