import { Redis } from 'ioredis';
import { AdminDesk, DESK_TOKENS, READER_TOKEN } from '../support/admin-desk.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

describe('an operator who looks for events', () => {
  let house: GongHouse;
  let desk: AdminDesk;

  beforeAll(async () => {
    house = await GongHouse.open(DESK_TOKENS);
    desk = new AdminDesk(house.service.url);
  });
  afterAll(() => house.close());

  const idOf = (answer: Awaited<ReturnType<GongHouse['post']>>) => answerBody(answer).eventIds[0] ?? '';
  const eventually = (id: string, state: string) =>
    waitFor(`${id} to be ${state}`, async () => {
      const { body } = await desk.get(`/events/${id}`);
      return body.status === state && body;
    });

  it('needs an admin token', async () => {
    for (const path of ['/events', `/events/${'a'.repeat(64)}`]) {
      expect(await desk.ask('GET', path, undefined, '')).toMatchObject({ status: 401 });
      expect(await desk.ask('GET', path, undefined, READER_TOKEN)).toMatchObject({ status: 403 });
    }
  });

  it('sees every stage of a processed event, in order and once, with its row stored', async () => {
    const id = idOf(await house.postCall({ seed: 1 }));
    const body = await waitFor('its rows to have arrived', async () => {
      const detail = (await desk.get(`/events/${id}`)).body;
      const isStored = Object.keys(detail.rowsOnTheirWay ?? { some: 1 }).length === 0;
      return detail.status === 'processed' && isStored && detail;
    });
    expect(body).toMatchObject({
      event: { eventId: id, vendor: 'gong', kind: 'call', loadedAt: expect.any(String) as string },
      jobs: [],
      refusedRows: [],
      nextSteps: [
        expect.stringMatching(
          /^Nothing to do: it is processed, without what its vendor's API would add: /,
        ) as string,
      ],
      isWarehouseRead: true,
    });
    const timeline = body.timeline as { stage: string; status: string; durationMs: number }[];
    expect(timeline.map(({ stage }) => stage)).toEqual([
      'land',
      'enrich',
      'analyse',
      'store',
      'notify',
      'remember',
    ]);
    expect(timeline.every(({ durationMs }) => durationMs >= 0)).toBe(true);
  });

  it('is told from the event id alone why a call failed and how to go on', async () => {
    const id = idOf(await house.post(JSON.stringify({ callData: { odd: 1 } })));
    const body = await eventually(id, 'failed');
    const [job] = body.jobs as { deadLetterId: string; failure: { code: string } }[];
    expect(job?.failure.code).toBe('PAYLOAD.NOT_UNDERSTOOD');
    expect(body.nextSteps).toEqual([
      `It failed with PAYLOAD.NOT_UNDERSTOOD at stage enrich: mend the cause, then POST /admin/dead-letters/${job?.deadLetterId ?? ''}/replay.`,
    ]);
    expect(await desk.get(`/dead-letters/${job?.deadLetterId ?? ''}`)).toMatchObject({ status: 200 });
    const failed = await desk.get('/events?status=failed');
    expect(failed.body.items).toMatchObject([{ eventId: id, errorCode: 'PAYLOAD.NOT_UNDERSTOOD' }]);
  });

  it('finds a dead letter whose deduplication key is gone', async () => {
    const id = idOf(await house.post(JSON.stringify({ callData: { odd: 2 } })));
    await eventually(id, 'failed');
    const redis = new Redis(house.redis.url);
    expect(await redis.del(...(await redis.keys(`{tributary}:events:de:${id.slice(0, 16)}*`)))).toBe(1);
    redis.disconnect();
    expect((await desk.get(`/events/${id}`)).body).toMatchObject({ status: 'failed' });
  });

  it('is told that a queue is paused, of an event that is in no table yet', async () => {
    await desk.ask('POST', '/queues/events/pause');
    const id = idOf(await house.postCall({ seed: 2 }));
    expect((await desk.get(`/events/${id}`)).body).toMatchObject({
      status: 'queued',
      event: { eventId: id, loadedAt: null },
      nextSteps: ['Its queue is paused: POST /admin/queues/events/resume lets it go on.'],
    });
    expect((await desk.get('/events?status=queued')).body.items).toMatchObject([{ eventId: id }]);
    await desk.ask('POST', '/queues/events/resume');
    await eventually(id, 'processed');
  });

  it('pages through all events, newest first, and filters by vendor, kind, entity and time', async () => {
    for (const seed of [10, 11, 12]) await eventually(idOf(await house.postCall({ seed })), 'processed');
    const all = (await desk.get('/events')).body;
    expect(all.source).toEqual(['queues', 'warehouse']);
    const times = (all.items ?? []).map(({ receivedAt }) => String(receivedAt));
    expect(times).toEqual([...times].sort().reverse());
    const walked: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await desk.get(`/events?limit=2${cursor && `&cursor=${cursor}`}`);
      walked.push(...(body.items ?? []));
      cursor = body.nextCursor ?? '';
    } while (cursor !== '');
    expect(walked).toEqual(all.items);
    const [newest, second] = all.items ?? [];
    const entity = await desk.get(`/events?entity=${String(newest?.objectId)}`);
    expect(entity.body.items).toEqual([newest]);
    expect((await desk.get('/events?vendor=zoho')).body.items).toEqual([]);
    expect((await desk.get('/events?kind=email')).body.items).toEqual([]);
    const since = await desk.get(`/events?since=${String(newest?.receivedAt)}`);
    expect(since.body.items).toEqual([newest]);
    const until = await desk.get(`/events?until=${String(newest?.receivedAt)}&limit=1`);
    expect(until.body.items).toEqual([second]);
  });

  it('is refused what makes no sense, and told of unknown events', async () => {
    for (const query of ['status=odd', 'vendor=odd', 'since=odd', 'cursor=odd', 'source=odd', 'limit=0']) {
      expect([query, (await desk.get(`/events?${query}`)).status]).toEqual([query, 400]);
    }
    for (const id of ['a'.repeat(64), 'odd', '%00']) {
      expect(await desk.get(`/events/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'REQUEST.NOT_FOUND' },
      });
    }
  });

  it('sees when the last authentic delivery of Gong came, and by which key', async () => {
    await house.postCall({ seed: 30 });
    await house.post('{}', 'not.a.token');
    const { lastDelivery, byKey } = await waitFor('the delivery to be noted', async () => {
      const { body } = await desk.get('/gong/verify');
      return (
        body.lastDelivery !== null && (body as { lastDelivery: { signingKeyId: string }; byKey: unknown[] })
      );
    });
    expect(lastDelivery.signingKeyId).toMatch(/^[0-9a-f]+$/);
    expect(byKey).toHaveLength(1);
  });

  it('gets problem details for addresses that reach no route', async () => {
    for (const [path, status, code] of [
      [`/admin/events/${'a'.repeat(300)}`, 414, 'REQUEST.URI_TOO_LONG'],
      ['/admin/events/%E0%A4%A', 400, 'REQUEST.INVALID'],
    ] as const) {
      const response = await fetch(house.service.url + path);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({
        status,
        code,
        correlationId: response.headers.get('x-correlation-id'),
      });
      expect(response.status).toBe(status);
    }
  });
});
