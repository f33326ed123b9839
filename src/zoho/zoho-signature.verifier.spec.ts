import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';

const SECRET = 'the-current-secret-of-32-characters-x';
const OLD_SECRET = 'the-previous-secret-of-32-characters-';
/** A registry without channels. */
const NO_CHANNELS = { idOf: () => Promise.resolve(undefined) };
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const ENVIRONMENT = {
  WEBHOOK_SECRETS: `${SECRET},${OLD_SECRET}`,
  ZOHO_CHANNEL_TOKENS: `1000000068001:${TOKEN}`,
};
const verifier = new ZohoSignatureVerifier(loadConfig(ENVIRONMENT), NO_CHANNELS);
const BODY = Buffer.from('{"module":"Accounts","operation":"update","ids":["6890123000000451007"]}');

const hmac = (text: string, encoding: 'hex' | 'base64' = 'hex', secret = SECRET) =>
  createHmac('sha256', secret).update(text).digest(encoding);

const verify = (headers: Record<string, string>, body = BODY, by = verifier) =>
  by.verify({ body, headers, url: '/webhooks/zoho' });

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'verified';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('ZohoSignatureVerifier with an HMAC', () => {
  it.each([
    ['hex', { 'x-zoho-signature': hmac(BODY.toString()) }],
    [
      'base64, which Deluge makes unless told otherwise',
      { 'x-zoho-signature': hmac(BODY.toString(), 'base64') },
    ],
    ['hex in upper case', { 'x-zoho-signature': hmac(BODY.toString()).toUpperCase() }],
    ['the prefix sha256=', { 'x-webhook-signature': `sha256=${hmac(BODY.toString())}` }],
    ['the previous secret', { 'x-webhook-signature': hmac(BODY.toString(), 'hex', OLD_SECRET) }],
  ])('takes %s', async (_what, headers) => {
    expect(await codeOf(() => verify(headers))).toBe('verified');
  });

  const now = Math.floor(Date.now() / 1000);
  it.each([
    ['seconds', String(now)],
    ['milliseconds', String(now * 1000)],
    ['ISO 8601', new Date(now * 1000).toISOString()],
    ['a clock four minutes off', String(now - 240)],
  ])('takes a signed timestamp in %s', async (_what, timestamp) => {
    const headers = {
      'x-zoho-signature': hmac(`${timestamp}.${BODY.toString()}`),
      'x-webhook-timestamp': timestamp,
    };
    expect(await codeOf(() => verify(headers))).toBe('verified');
  });

  it.each([
    ['a timestamp of ten minutes ago', String(now - 600), 'SIGNATURE.EXPIRED'],
    ['a timestamp in ten minutes', String(now + 600), 'SIGNATURE.EXPIRED'],
    ['a timestamp that is no time', 'yesterday', 'SIGNATURE.INVALID'],
  ])('refuses %s', async (_what, timestamp, code) => {
    const headers = {
      'x-zoho-signature': hmac(`${timestamp}.${BODY.toString()}`),
      'x-webhook-timestamp': timestamp,
    };
    expect(await codeOf(() => verify(headers))).toBe(code);
  });

  it('refuses a timestamp that is not covered by the signature', async () => {
    const headers = { 'x-zoho-signature': hmac(BODY.toString()), 'x-webhook-timestamp': String(now) };
    expect(await codeOf(() => verify(headers))).toBe('SIGNATURE.INVALID');
  });

  it('wants a timestamp where that is configured', async () => {
    const strict = new ZohoSignatureVerifier(
      loadConfig({ ...ENVIRONMENT, WEBHOOK_REQUIRE_TIMESTAMP: 'true' }),
      NO_CHANNELS,
    );
    expect(await codeOf(() => verify({ 'x-zoho-signature': hmac(BODY.toString()) }, BODY, strict))).toBe(
      'SIGNATURE.INVALID',
    );
  });

  it('never falls through from a wrong signature to a right token', async () => {
    const body = Buffer.from(JSON.stringify({ channel_id: '1000000068001', token: TOKEN, module: 'Deals' }));
    expect(await codeOf(() => verify({}, body))).toBe('verified');
    expect(await codeOf(() => verify({ 'x-zoho-signature': 'wrong' }, body))).toBe('SIGNATURE.INVALID');
    expect(await codeOf(() => verify({ 'x-zoho-signature': '' }, body))).toBe('SIGNATURE.INVALID');
  });

  it('wants each of two signatures to be right', async () => {
    const right = hmac(BODY.toString());
    expect(await codeOf(() => verify({ 'x-zoho-signature': right, 'x-webhook-signature': right }))).toBe(
      'verified',
    );
    expect(await codeOf(() => verify({ 'x-zoho-signature': right, 'x-webhook-signature': '00' }))).toBe(
      'SIGNATURE.INVALID',
    );
    expect(await codeOf(() => verify({ 'x-zoho-signature': '00', 'x-webhook-signature': right }))).toBe(
      'SIGNATURE.INVALID',
    );
  });

  it('refuses every signature of which one character was changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(hmac(BODY.toString()), hmac(BODY.toString(), 'base64')),
        fc.nat(43),
        fc.constantFrom('A', 'b', '7', '/', '='),
        async (signature, place, character) => {
          const changed = signature.slice(0, place) + character + signature.slice(place + 1);
          fc.pre(changed.toLowerCase() !== signature.toLowerCase());
          expect(await codeOf(() => verify({ 'x-zoho-signature': changed }))).toBe('SIGNATURE.INVALID');
        },
      ),
    );
  });

  it('refuses every body but the signed one', async () => {
    const headers = { 'x-zoho-signature': hmac(BODY.toString()) };
    await fc.assert(
      fc.asyncProperty(fc.nat(BODY.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const changed = Buffer.from(BODY);
        changed.writeUInt8(changed.readUInt8(place) ^ flip, place);
        expect(await codeOf(() => verify(headers, changed))).toBe('SIGNATURE.INVALID');
      }),
    );
  });
});

describe('ZohoSignatureVerifier with the token of a channel', () => {
  const notification = (more: object) =>
    Buffer.from(JSON.stringify({ channel_id: '1000000068001', token: TOKEN, ...more }));

  it('takes the token of a known channel, in JSON and in a form', async () => {
    expect(await codeOf(() => verify({}, notification({})))).toBe('verified');
    const form = Buffer.from(`channel_id=1000000068001&token=${TOKEN}&module=Deals`);
    expect(await codeOf(() => verify({ 'content-type': 'application/x-www-form-urlencoded' }, form))).toBe(
      'verified',
    );
  });

  it('takes a channel of 19 digits, as text and as a number', async () => {
    const longId = new ZohoSignatureVerifier(
      loadConfig({ ZOHO_CHANNEL_TOKENS: `6890123000000452033:${TOKEN}` }),
      NO_CHANNELS,
    );
    for (const channel of ['6890123000000452033', '"6890123000000452033"']) {
      const body = Buffer.from(`{"channel_id":${channel},"token":"${TOKEN}"}`);
      expect(await codeOf(() => verify({}, body, longId))).toBe('verified');
    }
    const neighbour = Buffer.from(`{"channel_id":6890123000000452034,"token":"${TOKEN}"}`);
    expect(await codeOf(() => verify({}, neighbour, longId))).toBe('SIGNATURE.INVALID');
  });

  it.each([
    ['another channel', { channel_id: '1000000068002' }, 'SIGNATURE.INVALID'],
    ['another token', { token: `${TOKEN.slice(0, -1)}x` }, 'SIGNATURE.INVALID'],
    ['no token, as channels without one send', { token: null }, 'SIGNATURE.MISSING'],
    ['no channel', { channel_id: null }, 'SIGNATURE.MISSING'],
    ['a token that is no text', { token: { length: 48 } }, 'SIGNATURE.MISSING'],
  ])('refuses %s', async (_what, more, code) => {
    expect(await codeOf(() => verify({}, notification(more)))).toBe(code);
  });

  it('answers any bytes with a coded refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await codeOf(() => verify({}, Buffer.from(bytes)))).toBe('SIGNATURE.MISSING');
      }),
    );
  });
});
