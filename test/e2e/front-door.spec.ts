import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { gongCall } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { rowCounts } from '../support/warehouse-file.js';

describe('the front door', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open({ WEBHOOK_MAX_BODY_BYTES: '100000' });
  });
  afterAll(() => house.close());

  const body = Buffer.from(JSON.stringify(gongCall({ seed: 21 })));
  const signed = () => ({ url: house.callsUrl, body });

  it.each([
    ['no token', () => '', 'SIGNATURE.MISSING'],
    ['a forged signature', () => house.signer.forged(signed()), 'SIGNATURE.INVALID'],
    ['an expired token', () => house.signer.expired(signed()), 'SIGNATURE.EXPIRED'],
    ['a token by another key', () => house.signer.byOtherKey(signed()), 'SIGNATURE.INVALID'],
    ['a token for another address', () => house.signer.forOtherUrl(signed()), 'SIGNATURE.WRONG_URL'],
    ['a token for another body', () => house.signer.forOtherBody(signed()), 'SIGNATURE.BODY_CHANGED'],
    ['alg none', () => house.signer.unsigned(signed()), 'SIGNATURE.INVALID'],
    [
      'HS256 made with the public key',
      () => house.signer.hmacWithPublicKey(signed()),
      'SIGNATURE.NOT_CONFIGURED',
    ],
  ])('answers 401 to %s', async (_what, token, code) => {
    const answer = await house.post(body, token());
    expect(answer).toMatchObject({ status: 401, body: { status: 401, code, title: 'Unauthorized' } });
    expect(JSON.stringify(answer.body)).not.toContain('Contoso');
  });

  it('answers 401 when one byte of the body was changed on the way', async () => {
    const changed = Buffer.from(body);
    changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
    expect(await house.post(changed, house.signer.sign(signed()))).toMatchObject({
      status: 401,
      body: { code: 'SIGNATURE.BODY_CHANGED' },
    });
  });

  it('answers 400 to a signed body that is not JSON', async () => {
    expect(await house.post('{"open":')).toMatchObject({ status: 400, body: { code: 'PAYLOAD.NOT_JSON' } });
  });

  it('answers 415 to another content type and to compressed bodies', async () => {
    const token = house.signer.sign(signed());
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    ]) {
      const response = await fetch(house.callsUrl, {
        method: 'POST',
        headers: { ...headers, authorization: token } as Record<string, string>,
        body,
      });
      expect(response.status).toBe(415);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'REQUEST.UNSUPPORTED_MEDIA_TYPE' });
    }
  });

  it('answers 413 before it has read a body that says it is too large', async () => {
    const text = await answerTo(house.service.port, [
      'POST /webhook/gong/calls HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'content-length: 100001',
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('"code":"REQUEST.TOO_LARGE"');
  });

  it('takes a correlation id that is harmless and puts it into the answer', async () => {
    const response = await fetch(house.callsUrl, {
      method: 'POST',
      headers: { 'x-correlation-id': 'trace-me.42' },
    });
    expect(response.headers.get('x-correlation-id')).toBe('trace-me.42');
    expect(await response.json()).toMatchObject({ correlationId: 'trace-me.42' });
  });

  it('answers 404 to what is not there, and never with a stack', async () => {
    const response = await fetch(`${house.service.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'REQUEST.NOT_FOUND' });
  });

  it('has stored nothing of all this', async () => {
    const redis = new Redis(house.redis.url);
    const namesAnEvent = /[0-9a-f]{64}/;
    expect((await redis.keys('*')).filter((key) => namesAnEvent.test(key))).toEqual([]);
    redis.disconnect();
    expect(await house.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}')).toBe(0);
    expect(
      await house.metric('webhook_requests_total{endpoint="/webhook/gong/calls",status="401"}'),
    ).toBeGreaterThanOrEqual(9);
  });

  it('ignores a test delivery, which never hides the real call of the same id', async () => {
    const test = await house.postCall({ seed: 22, isTest: true });
    expect(test).toMatchObject({ status: 200, body: { status: 'ignored', eventIds: [] } });
    expect(answerBody(await house.postCall({ seed: 22 })).status).toBe('accepted');
    expect(answerBody(await house.postCall({ seed: 22 })).status).toBe('duplicate');
    expect(await house.service.terminate()).toBe(0);
    expect(await rowCounts(house.service.warehousePath, ['GONG_WEBHOOKS_RAW'])).toEqual({
      GONG_WEBHOOKS_RAW: 1,
    });
  });
});

describe('the front door, switched off', () => {
  it('answers 503 with Retry-After to webhooks, and the rest runs', async () => {
    const house = await GongHouse.open({ WEBHOOK_ENABLED: 'false' });
    try {
      const response = await fetch(house.callsUrl, { method: 'POST' });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${house.service.url}/health`)).status).toBe(200);
    } finally {
      await house.close();
    }
  });
});

/** Sends only the head of a request. @returns all that the server says. */
function answerTo(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('correlationId')) socket.destroy();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
