/**
 * The whole service: run by a test as a process of its own. It kills itself (SIGKILL,
 * once) right after the step that the variable DIE_AFTER names. With SHORT_WAITS it waits seconds for what
 * takes minutes at Zoho.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { AccountSource } from '../../../src/contracts/ports/account-source.port.js';
import { Memory } from '../../../src/contracts/ports/memory.port.js';
import { Notifier } from '../../../src/contracts/ports/notifier.port.js';
import { Outbox } from '../../../src/contracts/ports/outbox.port.js';
import type { NotificationDraft } from '../../../src/contracts/notification.js';
import type { TableRow } from '../../../src/contracts/tables.js';
import { Lifecycle } from '../../../src/health/lifecycle.js';
import { createHttpAdapter } from '../../../src/intake/http-server.js';
import { RequestHooks } from '../../../src/intake/request-hooks.js';
import { AccountSyncState } from '../../../src/pipeline/account-sync.state.js';
import { CrmTaskQueue } from '../../../src/pipeline/crm-task.queue.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { redisAddress } from '../../../src/redis/redis-options.js';
import { ZohoPatience } from '../../../src/zoho/api/zoho-patience.js';
import { type HttpRequest, ZohoTransport } from '../../../src/zoho/api/zoho-transport.js';
import { ZohoTaskLedger } from '../../../src/zoho/tasks/zoho-task.ledger.js';
import { SHORT_PATIENCE } from './zoho-parts.js';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

const config = loadConfig(process.env);
const connections = new RedisConnections(redisAddress(config));
const step = process.env.DIE_AFTER ?? 'nothing';

/** Lets a method do its work, and then ends the process as a power cut does, if this is the step and the first time. */
function mortal(owner: object, name: string, isStep: (...args: readonly unknown[]) => boolean): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name]?.bind(owner);
  if (original === undefined) throw new Error(`no method ${name}`);
  methods[name] = async (...args) => {
    const result = await original(...args);
    const isFirst = isStep(...args) && (await connections.client.set('test:died', step, 'NX')) === 'OK';
    if (isFirst) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const holds = (rows: unknown, predicate: (row: TableRow) => boolean) => (rows as TableRow[]).some(predicate);

async function start(): Promise<void> {
  await connections.connect();
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, connections),
    createHttpAdapter(config),
    {
      bodyParser: false,
      abortOnError: false,
      logger: false,
    },
  );
  app.get(RequestHooks).install(app.getHttpAdapter().getInstance(), () => false);
  const get = (token: symbol | (abstract new (...args: never[]) => object)): object =>
    app.get(token as symbol, { strict: false });
  mortal(get(AccountSyncState), 'addCause', () => step === 'the cause is noted');
  mortal(get(AccountSource), 'read', () => step === 'the account is read');
  mortal(get(Outbox), 'append', (rows) => {
    if (step === 'the snapshot is left') {
      return holds(rows, ({ table }) => table === 'ZOHO_ACCOUNT_SNAPSHOTS');
    }
    if (step === 'the history of the task is left') {
      return holds(rows, ({ values }) => String(values.DETAILS).includes('"taskId"'));
    }
    return step === 'the history is left' && holds(rows, ({ values }) => values.STAGE === 'remember');
  });
  mortal(get(AccountSyncState), 'keepReading', () => step === 'the reading is kept');
  mortal(get(Memory), 'remember', () => step === 'memory is told');
  mortal(get(AccountSyncState), 'finish', () => step === 'the causes are done');
  mortal(get(CrmTaskQueue), 'add', () => step === 'the task is queued');
  mortal(get(ZohoTaskLedger), 'start', () => step === 'the start is noted');
  mortal(get(ZohoTransport), 'send', (request) => {
    const { method, url } = request as HttpRequest;
    return step === 'the task is created' && method === 'POST' && url.endsWith('/Tasks');
  });
  mortal(get(ZohoTaskLedger), 'finish', () => step === 'the task is known');
  mortal(get(Notifier), 'publish', (draft) => {
    return step === 'agents are told' && (draft as NotificationDraft).channel === 'zoho:actions';
  });
  if (process.env.SHORT_WAITS !== undefined) Object.assign(get(ZohoPatience), SHORT_PATIENCE);
  await app.listen(config.PORT, config.HOST);
  app.get(Lifecycle).state = 'ready';
  process.on('SIGTERM', () => {
    void app
      .close()
      .then(() => connections.close())
      .then(() => process.exit(0));
  });
}

start().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
