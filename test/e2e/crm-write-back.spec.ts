import { Redis } from 'ioredis';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { type AnswerBody, answerBody } from '../support/gong-house.js';
import { messageValidator } from '../support/message-validator.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

const EMAILS = '/webhook/gong/emails';
const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const CUSTOMER = 'dana@contoso.example';
const REP = 'sam@northwind.example';
/** By a customer it is a task of ours, by us one of theirs. */
const ASKED = 'Could you please send me the signed contract by Friday?';

interface Mail {
  readonly emailId: string;
  /** Whether we wrote it; else the customer did. */
  readonly isOurs?: boolean;
  readonly customer?: string;
  readonly body?: string;
  readonly sentAt?: string;
  readonly threadId?: string;
}

interface TimelineEntry {
  readonly stage: string;
  readonly status: string;
  readonly details: Record<string, unknown> | null;
}

/** One Redis and one CRM, and one service after another with them. */
class Office {
  readonly signer = GongSigner.shared();
  private running?: ServiceProcess;

  private constructor(
    readonly server: TestRedis,
    readonly redis: Redis,
    readonly zoho: ZohoApiSimulator,
    readonly agent: { readonly received: ReceivedMessage[]; close: () => void },
  ) {}

  static async open(): Promise<Office> {
    const server = await startRedis({ appendonly: true });
    const zoho = await ZohoApiSimulator.start();
    return new Office(server, new Redis(server.url), zoho, await subscribe(server.url));
  }

  get service(): ServiceProcess {
    if (this.running === undefined) throw new Error('no service runs');
    return this.running;
  }

  get desk(): AdminDesk {
    return new AdminDesk(this.service.url);
  }

  /** Ends the service that runs, and starts one with this mode. */
  async use(mode: string): Promise<void> {
    await this.running?.kill9();
    await this.running?.dispose();
    this.running = await ServiceProcess.create({
      REDIS_URL: this.server.url,
      GONG_WEBHOOK_PUBLIC_KEYS: this.signer.publicKeyBase64,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`,
      ...DESK_TOKENS,
      ...this.zoho.environment,
      ZOHO_WRITE_BACK: mode,
    });
    await this.running.start();
    this.zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all', 'Contacts.all', 'Tasks.all'],
      notify_url: `${this.running.url}/webhooks/zoho`,
    });
  }

  /** An account that mails with this domain are about. */
  async account(name: string, domain: string): Promise<string> {
    const id = this.zoho.data.insert('Accounts', { Account_Name: name, Website: `https://${domain}` });
    await waitFor('the account to be known', () => this.heard('zoho:accounts').some(isAbout(id)), {
      timeoutMs: 40_000,
    });
    return id;
  }

  /** Sends a mail, also one that was sent before. @returns its event's id, once the event is processed. */
  async send({ emailId, isOurs = false, customer = CUSTOMER, ...more }: Mail): Promise<string> {
    const repeats = await this.redis.keys('{tributary}:events:de:*');
    if (repeats.length > 0) await this.redis.del(...repeats);
    const [from, to] = isOurs ? [REP, customer] : [customer, REP];
    const mail = {
      ...{ emailId, direction: isOurs ? 'outbound' : 'inbound', from, to: [to], cc: [], subject: 'Contract' },
      ...{ sentAt: new Date().toISOString(), body: `Hello,\n\n${ASKED}\n\nBye`, ...more },
    };
    const body = Buffer.from(JSON.stringify(mail));
    const token = this.signer.sign({ url: `${this.service.url}${EMAILS}`, body });
    const said = this.service.output.length;
    const answer = await new GongWebhookSender(this.service.url).send({ path: EMAILS, body, token });
    const { status, eventIds }: AnswerBody = answerBody(answer);
    expect(status).toBe('accepted');
    const [eventId = ''] = eventIds;
    await waitFor('the mail to be processed', () => this.processedSince(said, eventId));
    return eventId;
  }

  /** What the operator sees of an event, once the stage before the last is there. */
  async assignments(eventId: string): Promise<TimelineEntry[]> {
    const timeline = await waitFor('the history of the event', async () => {
      const { body } = await this.desk.get(`/events/${eventId}`);
      const entries = (body.timeline ?? []) as TimelineEntry[];
      return entries.some(({ stage }) => stage === 'remember') && entries;
    });
    return timeline.filter(({ stage }) => stage === 'assign');
  }

  heard(channel: string): Record<string, unknown>[] {
    return this.agent.received
      .filter((received) => received.channel === `sophia:${channel}`)
      .map(({ message }) => message);
  }

  get inserts(): number {
    return this.zoho.apiRequests.filter(({ method, path }) => method === 'POST' && path === '/crm/v8/Tasks')
      .length;
  }

  async close(): Promise<void> {
    await this.running?.dispose();
    await this.zoho.stop();
    this.agent.close();
    this.redis.disconnect();
    await this.server.stop();
  }

  private processedSince(said: number, eventId: string): boolean {
    const lines = this.service.output.slice(said).split('\n');
    return lines.some((line) => line.includes('"event.processed"') && line.includes(eventId));
  }
}

const isAbout = (id: string) => (message: Record<string, unknown>) =>
  (message.subject as { id?: string } | null)?.id === id;

describe('tasks in the CRM', () => {
  let office: Office;
  let contoso: string;
  let samId: string;

  beforeAll(async () => {
    office = await Office.open();
    samId = office.zoho.users.add('Sam Okafor', REP);
    await office.use('off');
    contoso = await office.account('Contoso', 'contoso.example');
  });
  afterAll(() => office.close());

  it('are not written, nor thought of, where nothing is configured', async () => {
    const eventId = await office.send({ emailId: 'mail-1' });
    expect(office.heard('gong:actions')).toHaveLength(1);
    expect(await office.assignments(eventId)).toEqual([]);
    expect(await office.redis.exists('{tributary}:crm-tasks:id')).toBe(0);
    expect(office.inserts).toBe(0);
  });

  it('are on record in a dry run, which does not touch Zoho', async () => {
    await office.use('dry-run');
    const asked = office.zoho.apiRequests.length;
    const eventId = await office.send({ emailId: 'mail-1' });
    const [entry] = await office.assignments(eventId);
    const action = (office.heard('gong:actions')[0]?.actions as { id: string; due: string }[])[0];
    expect(entry).toMatchObject({
      status: 'completed',
      details: {
        accountId: contoso,
        wouldWrite: [{ id: action?.id, dueDate: action?.due, owner: REP, quotes: 1 }],
      },
    });
    // What was said stands where an erasure finds it, and not in the history.
    expect(JSON.stringify(entry)).not.toContain(ASKED);
    const metrics = await (await fetch(`${office.service.url}/metrics`)).text();
    expect(metrics).toContain('crm_tasks_total{outcome="dry_run"} 1');
    expect(office.service.output).toContain('crm_task.would_write');
    // The account is read again for its memory; that is all.
    const writes = office.zoho.apiRequests.slice(asked).filter(({ path }) => /Tasks|users/.test(path));
    expect(writes).toEqual([]);
    expect(office.heard('zoho:actions')).toEqual([]);
  });

  it('are written once: what was tried dry, and neither a repeat nor a changed mail writes another', async () => {
    await office.use('on');
    const eventId = await office.send({ emailId: 'mail-1' });
    const [told] = await waitFor('the message', () => {
      const messages = office.heard('zoho:actions');
      return messages.length > 0 && messages;
    });
    const tasks = office.zoho.data.all('Tasks');
    expect(tasks).toMatchObject([
      { What_Id: { id: contoso }, Owner: { id: samId }, Subject: `${REP}: ${ASKED}` },
    ]);
    expect(tasks[0]?.Description).toContain(`"${ASKED}" - ${CUSTOMER} (theirs)`);
    expect(told).toMatchObject({
      type: 'action',
      vendor: 'zoho',
      eventId,
      subject: { type: 'email', id: 'mail-1', account: { id: contoso, name: 'Contoso' } },
      actions: [{ kind: 'action_item', evidence: [{ quote: ASKED }] }],
    });
    expect(told?.summary).toContain(tasks[0]?.id);
    await office.send({ emailId: 'mail-1' });
    await office.send({ emailId: 'mail-1', threadId: 'thread-1' });
    const known = 'crm_tasks_total{outcome="known"} 2';
    await waitFor('both to be known', async () => {
      return (await (await fetch(`${office.service.url}/metrics`)).text()).includes(known);
    });
    expect([office.inserts, office.zoho.data.all('Tasks').length]).toEqual([1, 1]);
    expect(office.heard('zoho:actions')).toHaveLength(1);
    const done = (await office.assignments(eventId)).find(({ details }) => details?.taskId !== undefined);
    expect(done).toMatchObject({ status: 'completed', details: { taskId: tasks[0]?.id } });
  });

  it('come back as a change of Zoho that makes no noise and no further task', async () => {
    await office.zoho.notified();
    const notified = office.zoho.notifications.filter(({ body }) => body.module === 'Tasks');
    expect(notified.map(({ status }) => status)).toEqual([200]);
    const causes = `{tributary}:account-sync:causes:${contoso}`;
    await waitFor('the account to be synced', async () => (await office.redis.exists(causes)) === 0, {
      timeoutMs: 40_000,
    });
    expect(office.heard('zoho:accounts').filter(isAbout(contoso))).toHaveLength(1);
    expect(office.zoho.data.all('Tasks')).toHaveLength(1);
  });

  it('are not written for what the customer has to do, old mails, nor accounts that are not sure', async () => {
    const before = office.inserts;
    const theirs = await office.send({ emailId: 'mail-2', isOurs: true });
    expect((await office.assignments(theirs))[0]?.details).toMatchObject({
      queued: [],
      leftOut: { notOurs: 1 },
    });
    const old = await office.send({
      emailId: 'mail-3',
      sentAt: new Date(Date.now() - 15 * 86_400_000).toISOString(),
    });
    expect((await office.assignments(old))[0]).toMatchObject({
      status: 'skipped',
      details: { reason: 'it is more than 14 days old' },
    });
    await office.account('Fabrikam East', 'fabrikam.example');
    await office.account('Fabrikam West', 'fabrikam.example');
    const unsure = await office.send({ emailId: 'mail-4', customer: 'kim@fabrikam.example' });
    expect((await office.assignments(unsure))[0]).toMatchObject({ status: 'skipped' });
    expect(office.inserts).toBe(before);
  });

  it('that Zoho refuses are dead letters, of which agents hear, and are written when that is mended', async () => {
    office.zoho.tasks.mandatory.add('Region');
    const eventId = await office.send({
      emailId: 'mail-5',
      body: 'Please send us the updated offer by Monday.',
    });
    await waitFor('the error', () => office.heard('zoho:errors').length === 1);
    expect(office.heard('zoho:errors')[0]).toMatchObject({
      eventId,
      error: {
        code: 'ZOHO.TASK_REFUSED',
        stage: 'assign',
        message: expect.stringContaining('Region') as string,
      },
    });
    const list = () => office.desk.get('/dead-letters?source=crm-tasks');
    const items = await waitFor('the dead letter', async () => {
      const found = (await list()).body.items ?? [];
      return found.length === 1 && found;
    });
    expect(items[0]).toMatchObject({ vendor: 'zoho', eventId, entityId: contoso, code: 'ZOHO.TASK_REFUSED' });
    office.zoho.tasks.mandatory.delete('Region');
    const replay = await office.desk.ask('POST', `/dead-letters/${String(items[0]?.id)}/replay`);
    expect(replay.status).toBe(200);
    await waitFor('the task', () => office.zoho.data.all('Tasks').length === 2);
    await waitFor('its message', () => office.heard('zoho:actions').length === 2);
    expect((await list()).body.items).toEqual([]);
  });

  it('are told, as are accounts and errors of Zoho, in the form that is documented', async () => {
    const { problems } = await messageValidator(office.service.url);
    const zohos = office.agent.received.filter(({ channel }) => channel.startsWith('sophia:zoho:'));
    const channels = [...new Set(zohos.map(({ channel }) => channel))].sort();
    expect(channels).toEqual(['sophia:zoho:accounts', 'sophia:zoho:actions', 'sophia:zoho:errors']);
    for (const { message } of zohos) {
      expect({ message, problems: problems(message) }).toEqual({ message, problems: [] });
    }
  });
});
