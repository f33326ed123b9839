import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { gongCall } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { freePort } from '../support/free-port.js';
import { answerBody } from '../support/gong-house.js';
import { startRedis, type TestRedis, type TestRedisOptions } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const PATH = '/webhook/gong/calls';
const TLS = resolve(__dirname, '../fixtures/tls');
const PASSWORD = 'the-password-of-the-acl-user';
const ADMIN_TOKEN = 'an-admin-token-of-more-than-32-characters';

/** The line that docs/operations-redis.md gives to administrators. */
function documentedUser(): string[] {
  const page = readFileSync(resolve(__dirname, '../../docs/operations-redis.md'), 'utf8');
  const line = /^user tributary (.+)$/m.exec(page)?.[1] ?? '';
  return line.replace('<password>', PASSWORD).split(' ');
}

/** From a webhook to its row, with a Redis of that kind. */
async function walkThrough(
  options: TestRedisOptions,
  environment: (redis: TestRedis) => Record<string, string>,
  prepare: (redis: Redis) => Promise<unknown> = () => Promise.resolve(),
  afterwards: (redis: Redis, service: ServiceProcess) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const redis = await startRedis(options);
  const admin = new Redis(redis.url);
  const service = await ServiceProcess.create({
    GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    ADMIN_TOKENS: `tests:${ADMIN_TOKEN}`,
    READER_TOKENS: `reader:${ADMIN_TOKEN}`,
    ...environment(redis),
  });
  try {
    await prepare(admin);
    await service.start();
    const body = Buffer.from(JSON.stringify(gongCall({ seed: 81 })));
    const token = GongSigner.shared().sign({ url: `${service.url}${PATH}`, body });
    const sender = new GongWebhookSender(service.url);
    const answer = await sender.send({ path: PATH, body, token });
    expect(answerBody(answer).status).toBe('accepted');
    expect(answerBody(await sender.send({ path: PATH, body, token })).status).toBe('duplicate');
    await waitFor('the row', async () =>
      (await (await fetch(`${service.url}/metrics`)).text()).includes(
        'warehouse_rows_total{table="GONG_CALLS_ENHANCED"} 1',
      ),
    );
    await afterwards(admin, service);
    expect(await service.terminate()).toBe(0);
    expect(
      await queryWarehouse(service.warehousePath, 'SELECT EVENT_ID AS id FROM GONG_WEBHOOKS_RAW'),
    ).toEqual([{ id: answerBody(answer).eventIds[0] }]);
  } finally {
    admin.disconnect();
    await service.dispose();
    await redis.stop();
  }
}

describe('a Redis of production', () => {
  it('over TLS, with a certificate of an own authority; without that authority it is not believed', async () => {
    const port = await freePort();
    const more = {
      'tls-port': String(port),
      'tls-cert-file': join(TLS, 'server.pem'),
      'tls-key-file': join(TLS, 'server-key.pem'),
      'tls-ca-cert-file': join(TLS, 'ca.pem'),
      'tls-auth-clients': 'no',
    };
    const address = { REDIS_URL: `rediss://127.0.0.1:${port}` };
    await walkThrough({ more }, () => ({ ...address, REDIS_TLS_CA_FILE: join(TLS, 'ca.pem') }));
    const redis = await startRedis({ more });
    const distrustful = await ServiceProcess.create(address);
    try {
      distrustful.launch();
      expect(await distrustful.ended()).toBe(1);
      expect(distrustful.output).toContain('Redis cannot be reached');
    } finally {
      await distrustful.dispose();
      await redis.stop();
    }
  }, 120_000);

  it('as the ACL user of docs/operations-redis.md: nothing is denied, and it can empty nothing', async () => {
    await walkThrough(
      {},
      ({ port }) => ({
        REDIS_HOST: '127.0.0.1',
        REDIS_PORT: String(port),
        REDIS_USERNAME: 'tributary',
        REDIS_PASSWORD: PASSWORD,
      }),
      (admin) => admin.call('ACL', 'SETUSER', 'tributary', ...documentedUser()),
      async (admin, service) => {
        const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
        for (const path of ['/admin/dead-letters', '/admin/queues', '/admin/audit', '/health']) {
          expect([path, (await fetch(`${service.url}${path}`, { headers })).status]).toEqual([path, 200]);
        }
        const stream = await fetch(`${service.url}/notifications/stream?channels=gong:calls`, { headers });
        expect(stream.status).toBe(200);
        await stream.body?.cancel();
        const denials = (await admin.call('ACL', 'LOG')) as unknown[][];
        const denied = denials.map((entry) => `${String(entry[3])} ${String(entry[5])} ${String(entry[7])}`);
        // At start the service asks for CONFIG to warn of a Redis that may lose events, and takes a refusal.
        expect(denied.filter((line) => !line.includes('config'))).toEqual([]);
        const user = new Redis({ port: admin.options.port, username: 'tributary', password: PASSWORD });
        await expect(user.flushall()).rejects.toThrow('NOPERM');
        await expect(user.set('somebody-else', '1')).rejects.toThrow('NOPERM');
        user.disconnect();
      },
    );
  }, 120_000);

  it('as a cluster of one node, through REDIS_CLUSTER_NODES', async () => {
    await walkThrough(
      { more: { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' } },
      ({ port }) => ({ REDIS_CLUSTER_NODES: `127.0.0.1:${port}` }),
      async (admin) => {
        await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
        await waitFor('the cluster to be up', async () =>
          (await admin.cluster('INFO')).includes('cluster_state:ok'),
        );
      },
      async (_admin, service) => {
        const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
        expect((await fetch(`${service.url}/admin/dead-letters`, { headers })).status).toBe(200);
        const stream = await fetch(`${service.url}/notifications/stream?channels=gong:calls`, { headers });
        expect(stream.status).toBe(200);
        await stream.body?.cancel();
      },
    );
  }, 120_000);
});
