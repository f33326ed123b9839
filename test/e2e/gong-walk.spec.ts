import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { gongCall, gongTracker } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const CORRELATION_ID = /^[\w.-]{8,64}$/;

describe('a signed Gong call', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open();
  });
  afterAll(() => house.close());

  it('becomes a raw row, an enhanced row, an audit trail and messages, all with one correlation id', async () => {
    const agent = await subscribe(house.redis.url);
    const trackers = [
      gongTracker('Churn risk', { 'not renew': 2 }),
      gongTracker('Competitors (tracker)', { Fabrikam: 2 }),
    ];
    const metaData = { id: '81234567890123456789', title: 'Contoso: renewal at risk?' };
    const call = gongCall({ seed: 7, trackers, metaData });
    const body = Buffer.from(JSON.stringify(call));
    const answer = await house.post(body);
    expect(answer).toMatchObject({ status: 200, body: { status: 'accepted' } });
    const { eventIds, correlationId } = answerBody(answer);
    expect(eventIds).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(correlationId).toMatch(CORRELATION_ID);

    await waitFor('all messages', () => agent.received.length === 5);
    agent.close();
    expect(agent.received.map(({ channel }) => channel)).toEqual([
      'sophia:gong:calls',
      'sophia:gong:priority:high',
      'sophia:gong:insights',
      'sophia:gong:insights',
      'sophia:gong:insights',
    ]);
    const message = agent.received[0]?.message;
    expect(message).toMatchObject({
      v: 1,
      type: 'call',
      priority: 'high',
      vendor: 'gong',
      eventId: eventIds[0],
      correlationId,
      subject: { type: 'call', id: '81234567890123456789', title: call.callData.metaData.title },
    });
    const insights = message?.insights as { kind: string; evidence: { quote: string }[] }[];
    expect([...new Set(insights.map(({ kind }) => kind))].sort()).toEqual(['churn_risk', 'competitor']);
    const told = agent.received.filter(({ channel }) => channel === 'sophia:gong:insights');
    expect(told.flatMap(({ message: { insights: each } }) => each)).toEqual(insights);
    for (const { evidence } of insights) {
      for (const { quote } of evidence) expect(body.toString()).toContain(quote);
    }

    expect(await house.service.terminate()).toBe(0);
    const raw = await queryWarehouse(house.service.warehousePath, 'SELECT * FROM GONG_WEBHOOKS_RAW');
    expect(raw).toHaveLength(1);
    expect(raw[0]).toMatchObject({
      EVENT_ID: eventIds[0],
      OBJECT_ID: '81234567890123456789',
      BODY: body.toString(),
      PAYLOAD_SHA256: createHash('sha256').update(body).digest('hex'),
      REQUEST_ID: correlationId,
    });
    expect(JSON.parse(String(raw[0]?.HEADERS))).toMatchObject({ authorization: '[redacted]' });
    const enhanced = await queryWarehouse(house.service.warehousePath, 'SELECT * FROM GONG_CALLS_ENHANCED');
    expect(enhanced).toMatchObject([
      {
        CALL_ID: '81234567890123456789',
        PRIORITY: 'high',
        ENRICHMENT_STATUS: 'partial',
        COMPETITOR_COUNT: '1',
      },
    ]);
    const history = await queryWarehouse(
      house.service.warehousePath,
      'SELECT STAGE, STATUS, TRACE_ID FROM WEBHOOK_PROCESSING_HISTORY ORDER BY OCCURRED_AT',
    );
    // Stages that end in the same millisecond are in no order.
    expect(history.map(({ STAGE, STATUS }) => `${String(STAGE)}:${String(STATUS)}`).sort()).toEqual([
      'analyse:completed',
      'enrich:skipped',
      'land:completed',
      'notify:completed',
      'remember:skipped',
      'store:completed',
    ]);
    expect(new Set(history.map(({ TRACE_ID }) => TRACE_ID))).toEqual(new Set([correlationId]));
    const lines = house.service.output.split('\n').filter((line) => line.includes(correlationId));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      expect.arrayContaining(['webhook.accepted', 'notification.published', 'event.processed']),
    );
  });
});

describe('the same webhook sent 50 times at once', () => {
  it('is one row, one message and 49 duplicates', async () => {
    const house = await GongHouse.open();
    try {
      const agent = await subscribe(house.redis.url);
      const body = JSON.stringify(gongCall({ seed: 3, trackers: [] }));
      const answers = await Promise.all(Array.from({ length: 50 }, () => house.post(body)));
      const statuses = answers.map((answer) => answerBody(answer).status);
      expect(statuses.filter((status) => status === 'accepted')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(49);
      expect(new Set(answers.flatMap((answer) => answerBody(answer).eventIds)).size).toBe(1);
      await waitFor(
        'the row',
        async () => (await house.metric('warehouse_rows_total{table="GONG_CALLS_ENHANCED"}')) === 1,
      );
      expect(await house.service.terminate()).toBe(0);
      expect(agent.received).toHaveLength(1);
      agent.close();
      expect(
        await queryWarehouse(house.service.warehousePath, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW'),
      ).toHaveLength(1);
    } finally {
      await house.close();
    }
  });
});

describe('what surprises', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open();
  });
  afterAll(() => house.close());

  it('a private call leaves its raw row, and an enhanced row and a message without content', async () => {
    const agent = await subscribe(house.redis.url);
    await house.postCall({ seed: 11, isPrivate: true, metaData: { title: 'Salary talk' } });
    await waitFor('the message', () => agent.received.length === 1);
    agent.close();
    expect(JSON.stringify(agent.received)).not.toContain('Salary');
    expect(agent.received[0]?.message).toMatchObject({
      priority: 'low',
      insights: [],
      subject: { title: null },
    });
  });

  it('an authentic body that names no call is kept raw and becomes a dead letter that agents hear of', async () => {
    const agent = await subscribe(house.redis.url);
    const answer = await house.post('{ "amount":0.0 }');
    expect(answer).toMatchObject({ status: 200, body: { status: 'accepted' } });
    await waitFor('the message', () => agent.received.length === 1);
    agent.close();
    expect(agent.received[0]).toMatchObject({
      channel: 'sophia:gong:errors',
      message: { type: 'error', error: { code: 'PAYLOAD.NOT_UNDERSTOOD', stage: 'enrich' } },
    });
    expect(JSON.stringify(agent.received[0])).not.toContain('amount');
    expect(await house.metric('dead_letters{queue="events",code="PAYLOAD.NOT_UNDERSTOOD"}')).toBe(1);
    const redis = new Redis(house.redis.url);
    expect(await redis.zcard('{tributary}:events:failed')).toBe(1);
    redis.disconnect();
    await house.service.terminate();
    const [row] = await queryWarehouse(
      house.service.warehousePath,
      `SELECT BODY FROM GONG_WEBHOOKS_RAW WHERE EVENT_ID = '${answerBody(answer).eventIds[0]}'`,
    );
    expect(row?.BODY).toBe('{ "amount":0.0 }');
  });
});
