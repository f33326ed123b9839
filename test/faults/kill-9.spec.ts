import { gongCall } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { ServiceProcess } from '../support/service.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** The contract: work in flight is taken up again within 15 seconds of the next start. */
const TAKEN_UP_MS = 15_000;

const timesEach = (path: string, table: string, key: string) =>
  queryWarehouse(path, `SELECT ${key} AS id, count(*)::INTEGER AS n FROM ${table} GROUP BY 1`);

describe('kill -9', () => {
  it('between the 200 and the row: exactly one row and one message, within 15 seconds of the next start', async () => {
    const house = await GongHouse.open();
    try {
      const agent = await subscribe(house.redis.url);
      const answer = await house.postCall({ seed: 31 });
      await house.service.kill9();
      expect(answer.status).toBe(200);
      await house.service.start();
      await waitFor(
        'the row',
        async () => (await house.metric('warehouse_rows_total{table="GONG_CALLS_ENHANCED"}')) >= 1,
        {
          timeoutMs: TAKEN_UP_MS,
        },
      );
      expect(await house.service.terminate()).toBe(0);
      expect(await timesEach(house.service.warehousePath, 'GONG_WEBHOOKS_RAW', 'EVENT_ID')).toEqual([
        { id: answerBody(answer).eventIds[0], n: 1 },
      ]);
      expect(agent.received.filter(({ channel }) => channel === 'sophia:gong:calls')).toHaveLength(1);
      agent.close();
    } finally {
      await house.close();
    }
  });

  it('at many moments under load: nothing acknowledged is missing, nothing is there twice', async () => {
    const house = await GongHouse.open();
    const acknowledged = new Map<string, string>();
    try {
      const agent = await subscribe(house.redis.url);
      for (let round = 0; round < 6; round += 1) {
        const sending = Array.from({ length: 60 }, async (_item, index) => {
          const seed = 1000 + round * 100 + index;
          const call = gongCall({ seed, trackers: [] });
          // A request that the kill cuts off is not acknowledged; the vendor would send it again.
          const answer = await house.post(JSON.stringify(call)).catch(() => undefined);
          if (answer?.status === 200) {
            acknowledged.set(answerBody(answer).eventIds[0] ?? '', call.callData.metaData.id);
          }
        });
        // Each round dies a little later after its first acknowledgement.
        const before = acknowledged.size;
        await waitFor('some acknowledgements', () => acknowledged.size >= before + 1 + round * 8, {
          intervalMs: 1,
        });
        await house.service.kill9();
        await Promise.all(sending);
        await house.service.start();
      }
      await waitFor('the backlog to be done', async () => {
        const states = ['waiting', 'active', 'delayed'].map((state) =>
          house.metric(`queue_depth{queue="events",state="${state}"}`),
        );
        return (await Promise.all(states)).every((depth) => depth === 0);
      });
      expect(await house.service.terminate()).toBe(0);
      const raw = await timesEach(house.service.warehousePath, 'GONG_WEBHOOKS_RAW', 'EVENT_ID');
      const enhanced = await timesEach(house.service.warehousePath, 'GONG_CALLS_ENHANCED', 'CALL_ID');
      expect([...raw, ...enhanced].filter(({ n }) => n !== 1)).toEqual([]);
      const rawIds = new Set(raw.map(({ id }) => id));
      const callIds = new Set(enhanced.map(({ id }) => id));
      expect(
        [...acknowledged].filter(([eventId, callId]) => !rawIds.has(eventId) || !callIds.has(callId)),
      ).toEqual([]);
      const ids = agent.received
        .filter(({ channel }) => channel === 'sophia:gong:calls')
        .map(({ message }) => message.id);
      expect(ids.length).toBe(new Set(ids).size);
      expect(ids.length).toBe(callIds.size);
      agent.close();
    } finally {
      await house.close();
    }
  }, 150_000);

  it('of a service with an embedded Redis: the next start adopts it and finishes the work', async () => {
    const service = await ServiceProcess.create({
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    });
    try {
      await service.start();
      const body = Buffer.from(JSON.stringify(gongCall({ seed: 41 })));
      const path = '/webhook/gong/calls';
      const token = GongSigner.shared().sign({ url: `${service.url}${path}`, body });
      const answer = await new GongWebhookSender(service.url).send({ path, body, token });
      await service.kill9();
      await service.start();
      await waitFor('the log of the adoption', () => service.output.includes('"adopted":true'));
      await waitFor(
        'the row',
        async () =>
          (await (await fetch(`${service.url}/metrics`)).text()).includes(
            'warehouse_rows_total{table="GONG_CALLS_ENHANCED"} 1',
          ),
        {
          timeoutMs: TAKEN_UP_MS,
        },
      );
      expect(await service.terminate()).toBe(0);
      expect(await timesEach(service.warehousePath, 'GONG_WEBHOOKS_RAW', 'EVENT_ID')).toEqual([
        { id: answerBody(answer).eventIds[0], n: 1 },
      ]);
    } finally {
      await service.dispose();
    }
  });
});
