import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { gongCall } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

describe('hostile and odd requests', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open({ WEBHOOK_MAX_BODY_BYTES: '2000000' });
  });
  afterAll(() => house.close());

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
    ['an empty body', Buffer.alloc(0), 400],
    ['half an object', Buffer.from('{"callData":'), 400],
    ['a number', Buffer.from('42'), 200],
    ['a list 100,000 deep', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 200],
    [
      'an object that names __proto__',
      Buffer.from('{"__proto__":{"isTest":true},"callData":{"metaData":{"id":"1"}}}'),
      200,
    ],
    ['a constructor in disguise', Buffer.from('{"constructor":{"prototype":{"isTest":true}}}'), 200],
    [
      'lone surrogates and NUL in text',
      Buffer.from('{"callData":{"metaData":{"id":"2","title":"\\ud800 \\u0000"}}}'),
      200,
    ],
  ])('answers %s, signed, with %s', async (_what, body, status) => {
    const answer = await house.post(body);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answerBody(answer).status).toBe('accepted');
  });

  it('does not unpack a compressed body', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await fetch(house.callsUrl, { method: 'POST', headers, body: bomb })).status).toBe(415);
  });

  it('answers 415 to a body without a content type', async () => {
    const response = await fetch(house.callsUrl, { method: 'POST', body: new Uint8Array([123, 125]) });
    expect(response.status).toBe(415);
  });

  it('says of a head that is too long, and of what is no HTTP, what it is', async () => {
    const answerTo = (head: string) =>
      new Promise<string>((resolve, reject) => {
        let received = '';
        const socket = connect(house.service.port, '127.0.0.1', () => socket.write(head));
        socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
        socket.on('close', () => resolve(received));
        socket.on('error', reject);
      });
    const long = await answerTo(`GET /health?${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 [^]*application\/problem\+json[^]*"code":"REQUEST.HEAD_TOO_LARGE"/);
    expect(await answerTo('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*"code":"REQUEST.INVALID"/);
  });

  it('does not wait for ever for a body that does not come', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(house.service.port, '127.0.0.1', () =>
        socket.write(
          'POST /webhook/gong/calls HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
        ),
      );
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST.TIMEOUT"/);
  }, 60_000);

  it('is alive after all that, and every accepted event has its row', async () => {
    expect(answerBody(await house.postCall({ seed: 71 })).status).toBe('accepted');
    await waitFor(
      'the rows',
      async () => (await house.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}')) === 6,
    );
    expect(await house.metric('outbox_rows{table="GONG_WEBHOOKS_RAW"}')).toBe(0);
    expect(house.service.output).not.toContain('outbox.row_refused');
  });
});

const FULL: [string, Record<string, string>][] = [
  ['queue', { WEBHOOK_MAX_QUEUE_SIZE: '1' }],
  ['outbox', { OUTBOX_MAX_BYTES: '1', WAREHOUSE_FLUSH_SECONDS: '60' }],
];

describe('a full house', () => {
  it.each(FULL)(
    'answers 503 with Retry-After when the %s is full, and takes webhooks again later',
    async (_what, environment) => {
      const house = await GongHouse.open(environment);
      try {
        let seed = 8000;
        const post = () => {
          const body = Buffer.from(JSON.stringify(gongCall({ seed: (seed += 1) })));
          const authorization = house.signer.sign({ url: house.callsUrl, body });
          return fetch(house.callsUrl, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization },
            body,
          });
        };
        const full = await waitFor('a 503', async () => {
          const answers = await Promise.all(Array.from({ length: 10 }, post));
          return answers.find(({ status }) => status === 503);
        });
        expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await full.json()).toMatchObject({ code: 'INTAKE.QUEUE_FULL' });
        if (environment.WEBHOOK_MAX_QUEUE_SIZE !== undefined) {
          await waitFor('a 200', async () => (await post()).status === 200);
        }
      } finally {
        await house.close();
      }
    },
  );
});
