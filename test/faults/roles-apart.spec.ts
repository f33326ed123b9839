import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { WebhookReceiver } from '../simulators/standard-webhooks/webhook-receiver.js';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { ServiceProcess } from '../support/service.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { snowflakeEnvironment } from '../support/snowflake-account.js';
import { waitFor } from '../support/wait-for.js';

const PATIENT = { timeoutMs: 60_000 };
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const RULES = `
targets:
  crm: { type: webhook, urlFrom: ALERTS_HOOK_URL, secretsFrom: [ALERTS_HOOK_SECRET] }
rules:
  - { name: tasks, types: [action], targets: [crm] }
retrySeconds: [1]
`;

/** What an alert is in the outbox, as the publisher leaves it. */
const WAITING = {
  targets: JSON.stringify([{ type: 'webhook', name: 'crm' }]),
  message: JSON.stringify({
    v: 1,
    id: 'f'.repeat(32),
    type: 'action',
    publishedAt: new Date().toISOString(),
  }),
};

describe('ROLE=api and ROLE=worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-roles-'));
  let zoho: ZohoApiSimulator;
  let receiver: WebhookReceiver;
  let snowflake: SnowflakeHouse;
  let worker: ServiceProcess;
  let redis: Redis;

  beforeAll(async () => {
    writeFileSync(join(folder, 'alerts.yaml'), RULES);
    zoho = await ZohoApiSimulator.start();
    receiver = await WebhookReceiver.start(SECRET);
    const shared = {
      ...zoho.environment,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`,
      ZOHO_WRITE_BACK: 'on',
      NOTIFICATION_ALERTS_FILE: join(folder, 'alerts.yaml'),
      ALERTS_HOOK_URL: receiver.url,
      ALERTS_HOOK_SECRET: SECRET,
    };
    snowflake = await SnowflakeHouse.create({ ...shared, ROLE: 'api' });
    const { house, emulator } = snowflake;
    redis = new Redis(house.redis.url);
    worker = await ServiceProcess.create({
      ...snowflakeEnvironment(emulator),
      ...shared,
      REDIS_URL: house.redis.url,
      ROLE: 'worker',
    });
    await house.service.start();
    zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all'],
      notify_url: `${house.service.url}/webhooks/zoho`,
    });
  }, 120_000);
  afterAll(async () => {
    redis.disconnect();
    await worker.dispose();
    await snowflake.close();
    await Promise.all([zoho.stop(), receiver.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('the front door shows alerts that wait and delivers none; a worker does', async () => {
    const { house } = snowflake;
    await redis.xadd('{sophia}:alerts:outbox', '*', ...Object.entries(WAITING).flat());
    await waitFor('an alert to have waited for long', async () => {
      return (await house.metric('alert_outbox_oldest_age_seconds')) > 2.5;
    });
    expect(await house.metric('alert_outbox_messages')).toBe(1);
    await worker.start();
    await waitFor('the alert', () => receiver.processed.has('f'.repeat(32)), PATIENT);
    await waitFor('the outbox to be empty', async () => (await house.metric('alert_outbox_messages')) === 0);
    expect(await house.metric('alert_outbox_oldest_age_seconds')).toBe(0);
  }, 120_000);

  it('what one takes the other makes a task, a message and an alert, each once', async () => {
    const { house } = snowflake;
    const account = zoho.data.insert('Accounts', {
      Account_Name: 'Contoso',
      Website: 'https://contoso.example',
    });
    const state = `{tributary}:account-sync:state:${account}`;
    await waitFor('the account to be known', () => redis.hexists(state, 'syncedAtMs'), PATIENT);
    const mail = {
      ...{ emailId: 'mail-1', direction: 'inbound', from: 'dana@contoso.example' },
      ...{ to: ['sam@northwind.example'], cc: [], subject: 'Contract', sentAt: new Date().toISOString() },
      body: 'Hi Sam,\n\nCould you please send me the signed contract by Friday?\n\nDana',
    };
    expect((await house.postTo('/webhook/gong/emails', JSON.stringify(mail))).status).toBe(200);
    // The action of the mail, and the task that was written for it.
    await waitFor('both alerts', () => receiver.processed.size >= 3, PATIENT);
    expect(zoho.data.all('Tasks')).toHaveLength(1);
    expect(await redis.xlen('{sophia}:zoho:actions:log')).toBe(1);
    expect(receiver.ids).toHaveLength(3);
    expect(await worker.terminate()).toBe(0);
  }, 120_000);
});
