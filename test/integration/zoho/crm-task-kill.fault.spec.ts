import { GongSigner } from '../../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../../simulators/gong/gong-webhook-sender.js';
import type { InsertFault } from '../../simulators/zoho/zoho-task-inserts.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { waitFor } from '../../support/wait-for.js';
import { ZohoHouse } from './zoho-house.js';

const EMAILS = '/webhook/gong/emails';
const STEPS = [
  'the task is queued',
  'the start is noted',
  'the task is created',
  'the task is known',
  'the history of the task is left',
  'agents are told',
];
/** Each mostly waits: for the stalled job to be noticed, and for an uncertain request to be over. */
const LANES = 3;
const PATIENT = { timeoutMs: 90_000 };

interface Ending {
  readonly tasks: number;
  readonly messages: number;
  readonly deadLetters: number;
}

/** A service that writes tasks, with an account that mails are about. */
class Office {
  private readonly signer = GongSigner.shared();

  private constructor(readonly house: ZohoHouse) {}

  static async open(redisUrl: string, environment: Record<string, string> = {}): Promise<Office> {
    const house = await ZohoHouse.create({
      redisUrl,
      environment: {
        GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
        ZOHO_WRITE_BACK: 'on',
        SHORT_WAITS: 'true',
        ...environment,
      },
    });
    const office = new Office(house);
    await house.service.start();
    house.watch();
    const account = { Account_Name: 'Contoso', Website: 'https://contoso.example' };
    const id = house.zoho.data.insert('Accounts', account);
    const key = `{tributary}:account-sync:state:${id}`;
    await waitFor('the account to be known', () => house.redis.hexists(key, 'syncedAtMs'), PATIENT);
    return office;
  }

  /** A customer asks for something: a task of ours. */
  async ask(emailId: string): Promise<void> {
    const url = this.house.service.url;
    const mail = {
      ...{ emailId, direction: 'inbound', from: 'dana@contoso.example', to: ['sam@northwind.example'] },
      ...{ cc: [], subject: 'Contract', sentAt: new Date().toISOString() },
      body: 'Hi Sam,\n\nCould you please send me the signed contract by Friday?\n\nDana',
    };
    const body = Buffer.from(JSON.stringify(mail));
    const token = this.signer.sign({ url: `${url}${EMAILS}`, body });
    const { status } = await new GongWebhookSender(url).send({ path: EMAILS, body, token });
    expect(status).toBe(200);
  }

  get tasks(): number {
    return this.house.zoho.data.all('Tasks').length;
  }

  async messages(): Promise<number> {
    return this.house.redis.xlen('{sophia}:zoho:actions:log');
  }

  async ending(): Promise<Ending> {
    return {
      tasks: this.tasks,
      messages: await this.messages(),
      deadLetters: await this.house.deadLetters(),
    };
  }
}

describe('a task that is being written into the CRM', () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis({ appendonly: true });
  });
  afterAll(() => server.stop());

  async function dieAfter(step: string, database: number): Promise<Ending & { step: string; rows: number }> {
    const office = await Office.open(`${server.url}/${database}`, { DIE_AFTER: step });
    const { service } = office.house;
    try {
      await office.ask(`mail-${database}`);
      await service.ended();
      await service.start();
      await waitFor('agents to be told', async () => (await office.messages()) > 0, PATIENT);
      await office.house.idle(90_000);
      const ending = await office.ending();
      await service.terminate();
      const rows = await queryWarehouse(
        service.warehousePath,
        `SELECT HISTORY_ID FROM WEBHOOK_PROCESSING_HISTORY WHERE STAGE = 'assign' AND DETAILS LIKE '%"taskId"%'`,
      );
      return { step, ...ending, rows: rows.length };
    } finally {
      await office.house.close();
    }
  }

  it('is written, told and recorded once, wherever the process is killed', async () => {
    const endings: Awaited<ReturnType<typeof dieAfter>>[] = [];
    const steps = [...STEPS.entries()];
    const lane = async () => {
      for (let next = steps.shift(); next !== undefined; next = steps.shift()) {
        endings[next[0]] = await dieAfter(next[1], next[0]);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const good = { tasks: 1, messages: 1, deadLetters: 0, rows: 1 };
    expect(endings).toEqual(STEPS.map((step) => ({ step, ...good })));
  }, 400_000);

  it('is written once through lost answers, faults, limits and an outage', async () => {
    const office = await Office.open(`${server.url}/10`);
    const { house } = office;
    try {
      const faults: InsertFault[] = ['answer lost', '500', '502 after commit', '429', 'unreadable answer'];
      house.zoho.tasks.faults.push(...faults);
      for (const index of faults.keys()) await office.ask(`fault-${index}`);
      await waitFor('a task for each', () => office.tasks >= faults.length, PATIENT);
      await waitFor('agents to be told', async () => (await office.messages()) >= faults.length, PATIENT);
      house.zoho.outage = 503;
      await office.ask('outage');
      await waitFor('the outage to be noticed', async () => {
        return (await house.redis.zcard('{tributary}:crm-tasks:delayed')) === 1;
      });
      house.zoho.outage = undefined;
      const all = faults.length + 1;
      await waitFor('agents to be told of the last', async () => (await office.messages()) >= all, PATIENT);
      await house.idle(90_000);
      expect(await office.ending()).toEqual({ tasks: all, messages: all, deadLetters: 0 });
    } finally {
      await house.close();
    }
  }, 400_000);
});
