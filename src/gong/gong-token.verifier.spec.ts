import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

const gong = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secondRule = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64');
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const PATH = '/webhook/gong/calls';
const BODY = Buffer.from('{ "amount":0.0 }');
const verifier = new GongTokenVerifier(
  loadConfig({
    GONG_WEBHOOK_PUBLIC_KEYS: [spki(gong.publicKey), spki(secondRule.publicKey)].join(),
    WEBHOOK_BASE_URL: 'https://hooks.example',
  }),
);

interface Parts {
  header?: object;
  claims?: Record<string, unknown>;
  key?: KeyObject;
  body?: Buffer;
}

function claimsFor(body: Buffer): Record<string, unknown> {
  return {
    webhook_url: `https://hooks.example${PATH}`,
    body_sha256: createHash('sha256').update(body).digest('hex'),
    exp: Math.floor(Date.now() / 1000) + 300,
  };
}

function token({
  header = { alg: 'RS256' },
  claims = {},
  key = gong.privateKey,
  body = BODY,
}: Parts = {}): string {
  const signed = `${base64url(header)}.${base64url({ ...claimsFor(body), ...claims })}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

function hmacSigned(secret: string): string {
  const signed = `${base64url({ alg: 'HS256' })}.${base64url(claimsFor(BODY))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const verify = (authorization: string | undefined, body = BODY, url = PATH) =>
  verifier.verify({ body, headers: { authorization }, url });

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
    return 'verified';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('GongTokenVerifier', () => {
  it.each([
    ['bare, as Gong sends it', token()],
    ['with Bearer', `Bearer ${token()}`],
    ['by the second key of the list', token({ key: secondRule.privateKey })],
    [
      'with an upper-case hash',
      token({ claims: { body_sha256: createHash('sha256').update(BODY).digest('hex').toUpperCase() } }),
    ],
    [
      'for the address with a trailing slash',
      token({ claims: { webhook_url: `https://hooks.example${PATH}/` } }),
    ],
  ])('verifies a token %s', async (_what, authorization) => {
    await expect(verify(authorization)).resolves.toMatchObject({
      bodySha256: createHash('sha256').update(BODY).digest('hex'),
    });
  });

  it('names the key that verified, without being the key', async () => {
    const first = await verify(token());
    const second = await verify(token({ key: secondRule.privateKey }));
    expect(first.signingKeyId).toMatch(/^[0-9a-f]{16}$/);
    expect(second.signingKeyId).not.toBe(first.signingKeyId);
  });

  it('says how long the request could be replayed', async () => {
    const { replayableForSeconds } = await verify(
      token({ claims: { exp: Math.floor(Date.now() / 1000) + 7200 } }),
    );
    expect(replayableForSeconds).toBeGreaterThan(7100);
  });

  const unsigned = `${base64url({ alg: 'none' })}.${base64url(claimsFor(BODY))}.`;

  it.each([
    ['no token', undefined, 'SIGNATURE.MISSING'],
    ['an empty header', ' ', 'SIGNATURE.MISSING'],
    ['text that is no token', 'hello', 'SIGNATURE.INVALID'],
    ['a token signed by a stranger', token({ key: stranger.privateKey }), 'SIGNATURE.INVALID'],
    ['alg none', unsigned, 'SIGNATURE.INVALID'],
    ['HS256 signed with the public key', hmacSigned(spki(gong.publicKey)), 'SIGNATURE.NOT_CONFIGURED'],
    ['another RSA algorithm in the header', token({ header: { alg: 'RS512' } }), 'SIGNATURE.INVALID'],
    ['an expired token', token({ claims: { exp: Math.floor(Date.now() / 1000) - 6 } }), 'SIGNATURE.EXPIRED'],
    ['a token without exp', token({ claims: { exp: undefined } }), 'SIGNATURE.INVALID'],
    [
      'a token for another address',
      token({ claims: { webhook_url: 'https://evil.example/x' } }),
      'SIGNATURE.WRONG_URL',
    ],
    [
      'a token for another body',
      token({ claims: { body_sha256: '00'.repeat(32) } }),
      'SIGNATURE.BODY_CHANGED',
    ],
  ])('refuses %s', async (_what, authorization, code) => {
    expect(await codeOf(verify(authorization))).toBe(code);
  });

  it('refuses everything when no key is configured', async () => {
    const keyless = new GongTokenVerifier(loadConfig({}));
    const outcome = keyless.verify({ body: BODY, headers: { authorization: token() }, url: PATH });
    expect(await codeOf(outcome)).toBe('SIGNATURE.NOT_CONFIGURED');
  });

  it('refuses every body but the signed one', async () => {
    const authorization = token();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: BODY.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (place, flip) => {
          const changed = Buffer.from(BODY);
          changed.writeUInt8(changed.readUInt8(place) ^ flip, place);
          expect(await codeOf(verify(authorization, changed))).toBe('SIGNATURE.BODY_CHANGED');
        },
      ),
    );
  });

  it('refuses every token of which one character was changed', async () => {
    const authorization = token();
    const isSignificant = (place: number) => authorization[place] !== '.' && place < authorization.length - 1;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(authorization.length - 2).filter(isSignificant),
        fc.constantFrom('A', 'b', '7', '_'),
        async (place, character) => {
          fc.pre(authorization[place] !== character);
          const changed = authorization.slice(0, place) + character + authorization.slice(place + 1);
          expect(await codeOf(verify(changed))).toMatch(/^SIGNATURE\./);
        },
      ),
    );
  });

  it('answers any text in the header with a coded error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await codeOf(verify(text))).toMatch(/^SIGNATURE\.(INVALID|MISSING)$/);
      }),
    );
  });
});

describe('GongTokenVerifier with relays', () => {
  const SECRET = 'a-shared-secret-of-at-least-32-characters';
  const withRelay = new GongTokenVerifier(
    loadConfig({
      GONG_WEBHOOK_PUBLIC_KEYS: spki(gong.publicKey),
      GONG_WEBHOOK_SECRETS: `another-secret-of-at-least-32-characters,${SECRET}`,
      WEBHOOK_BASE_URL: 'https://hooks.example',
    }),
  );
  const verifyRelayed = (authorization: string) =>
    withRelay.verify({ body: BODY, headers: { authorization }, url: PATH });

  it('verifies HS256 with any secret of the list', async () => {
    await expect(verifyRelayed(hmacSigned(SECRET))).resolves.toMatchObject({
      signingKeyId: expect.any(String) as string,
    });
  });

  it('never takes the public key as an HMAC secret, in whatever spelling', async () => {
    const pem = gong.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    for (const secret of [spki(gong.publicKey), pem, pem.trim()]) {
      expect(await codeOf(verifyRelayed(hmacSigned(secret)))).toBe('SIGNATURE.INVALID');
    }
  });
});

describe('GongTokenVerifier with keys in the address', () => {
  const KEY = 'a-key-in-the-address-of-32-characters-';
  const withKey = new GongTokenVerifier(loadConfig({ GONG_WEBHOOK_URL_KEYS: KEY }));
  const verifyUrl = (url: string, headers = {}) => withKey.verify({ body: BODY, headers, url });

  it('takes the key', async () => {
    const sender = await verifyUrl(`${PATH}?key=${KEY}`);
    expect(sender).toMatchObject({ deliveryFingerprint: null, replayableForSeconds: 0 });
    expect(JSON.stringify(sender)).not.toContain(KEY);
  });

  it.each([
    ['another key', `${PATH}?key=wrong`, {}, 'SIGNATURE.INVALID'],
    ['no key', PATH, {}, 'SIGNATURE.MISSING'],
    [
      'a right key beside a wrong token',
      `${PATH}?key=${KEY}`,
      { authorization: 'x.y.z' },
      'SIGNATURE.INVALID',
    ],
    ['a right key beside an empty token', `${PATH}?key=${KEY}`, { authorization: '' }, 'SIGNATURE.MISSING'],
  ])('refuses %s', async (_what, url, headers, code) => {
    expect(await codeOf(verifyUrl(url, headers))).toBe(code);
  });

  it('is off unless configured', async () => {
    expect(await codeOf(verifier.verify({ body: BODY, headers: {}, url: `${PATH}?key=` }))).toBe(
      'SIGNATURE.MISSING',
    );
  });
});
