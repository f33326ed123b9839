import { Redis } from 'ioredis';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { PRIMARY_NAME, RedisSentinels } from '../support/redis-sentinels.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { gongCall } from '../factories/gong-call.factory.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const PATIENCE_MS = 60_000;
const PATH = '/webhook/gong/calls';

async function replicate(primary: TestRedis, replica: TestRedis): Promise<void> {
  const admin = new Redis(replica.url);
  try {
    await admin.replicaof('127.0.0.1', primary.port);
    await waitFor('the replica to be in step', async () =>
      (await admin.info('replication')).includes('master_link_status:up'),
    );
  } finally {
    admin.disconnect();
  }
}

describe('WEBHOOK_ACK_REPLICAS', () => {
  it('acknowledges nothing while the replica is away, not even a repeat, and goes on when it is back', async () => {
    const house = await GongHouse.create({ WEBHOOK_ACK_REPLICAS: '1' });
    const replica = await startRedis();
    try {
      await house.service.start();
      const first = await house.postCall({ seed: 7100 });
      expect(first).toMatchObject({ status: 503, body: { code: 'INTAKE.UNAVAILABLE' } });
      // The first try is in the queue of the primary, and only there: saying "duplicate" would acknowledge it.
      expect((await house.postCall({ seed: 7100 })).status).toBe(503);
      await replicate(house.redis, replica);
      const last = await waitFor('a 200', async () => {
        const answer = await house.postCall({ seed: 7100 });
        return answer.status === 200 && answer;
      });
      expect(answerBody(last).status).toBe('duplicate');
    } finally {
      await house.close();
      await replica.stop();
    }
  }, 120_000);
});

describe('a fail-over by Sentinel under load', () => {
  it('with WEBHOOK_ACK_REPLICAS=1: answers 200 and 503 only, and no acknowledged event is missing or doubled', async () => {
    const primary = await startRedis({ appendonly: true });
    const replica = await startRedis({ appendonly: true });
    await replicate(primary, replica);
    const sentinels = await RedisSentinels.watch(primary.port);
    const service = await ServiceProcess.create({
      REDIS_SENTINELS: sentinels.ports.map((port) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_NAME: PRIMARY_NAME,
      // After the fail-over there is one Redis left: the test asks for one replica until then, and restarts.
      WEBHOOK_ACK_REPLICAS: '1',
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    });
    const third = await startRedis({ appendonly: true });
    const acknowledged = new Set<string>();
    const statuses = new Set<number>();
    let isSending = true;
    let seed = 7200;
    const send = async () => {
      const sender = new GongWebhookSender(service.url);
      while (isSending) {
        const body = Buffer.from(JSON.stringify(gongCall({ seed: (seed += 1), trackers: [] })));
        const token = GongSigner.shared().sign({ url: `${service.url}${PATH}`, body });
        const answer = await sender.send({ path: PATH, body, token });
        statuses.add(answer.status);
        if (answer.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
      }
    };
    try {
      await service.start();
      const senders = Array.from({ length: 4 }, send);
      await waitFor('some acknowledgements', () => acknowledged.size >= 40, { timeoutMs: PATIENCE_MS });
      primary.kill9();
      await waitFor('the fail-over', async () => (await roleOf(replica)) === 'master', {
        timeoutMs: PATIENCE_MS,
        intervalMs: 200,
      });
      const before = acknowledged.size;
      await replicate(replica, third);
      await waitFor('acknowledgements by the new primary', () => acknowledged.size >= before + 20, {
        timeoutMs: PATIENCE_MS,
      });
      isSending = false;
      await Promise.all(senders);
      await waitFor('the backlog to be done', () => isIdle(service.url), { timeoutMs: PATIENCE_MS });
      expect(await service.terminate()).toBe(0);
      const rows = await queryWarehouse(
        service.warehousePath,
        'SELECT EVENT_ID AS id FROM GONG_WEBHOOKS_RAW',
      );
      const ids = rows.map(({ id }) => String(id));
      expect(ids.length).toBe(new Set(ids).size);
      expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
      expect([...statuses].sort()).toEqual([200, 503]);
    } finally {
      isSending = false;
      await service.dispose();
      await sentinels.stop();
      await Promise.all([primary.stop(), replica.stop(), third.stop()]);
    }
  }, 300_000);
});

async function roleOf({ url }: TestRedis): Promise<unknown> {
  const client = new Redis(url);
  try {
    return (await client.role())[0];
  } finally {
    client.disconnect();
  }
}

async function isIdle(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return ['waiting', 'active', 'delayed'].every((state) =>
    text.includes(`queue_depth{queue="events",state="${state}"} 0\n`),
  );
}
