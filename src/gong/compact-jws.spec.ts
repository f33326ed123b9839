import { createPublicKey, createSecretKey, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { compactVerify } from 'jose';
import { compactJws, isSignedBy } from './compact-jws.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = createSecretKey(Buffer.from('a-shared-secret-of-at-least-32-characters'));
const KEYS = { RS256: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), HS256: secret };
type Algorithm = keyof typeof KEYS;

const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

function token(algorithm: Algorithm, payload: unknown, header: object = { alg: algorithm }): string {
  const signed = `${encoded(header)}.${encoded(payload)}`;
  const signature =
    algorithm === 'RS256'
      ? sign('sha256', Buffer.from(signed), privateKey)
      : createHmac('sha256', secret).update(signed).digest();
  return `${signed}.${signature.toString('base64url')}`;
}

/** The payload, where this file takes the token. */
function ours(text: string, algorithm: Algorithm): string | undefined {
  const read = compactJws(text);
  if (read === undefined || read.algorithm !== algorithm) return undefined;
  return isSignedBy(read, algorithm, KEYS[algorithm]) ? read.payload.toString() : undefined;
}

/** The payload, where the library takes it. */
async function theirs(text: string, algorithm: Algorithm): Promise<string | undefined> {
  try {
    const { payload } = await compactVerify(text, KEYS[algorithm], { algorithms: [algorithm] });
    return Buffer.from(payload).toString();
  } catch {
    // Whatever the reason, it does not take the token.
    return undefined;
  }
}

const algorithms = fc.constantFrom<Algorithm[]>('RS256', 'HS256');

describe('compactJws beside a library', () => {
  it('takes every token that was signed, with the same payload', async () => {
    await fc.assert(
      fc.asyncProperty(algorithms, fc.jsonValue(), async (algorithm, payload) => {
        const text = token(algorithm, payload);
        expect(ours(text, algorithm)).toBe(JSON.stringify(payload));
        expect(await theirs(text, algorithm)).toBe(JSON.stringify(payload));
      }),
    );
  });

  it('takes none that the library refuses, whatever was changed', async () => {
    const change = fc.record({
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      text: fc.string({ maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(algorithms, change, async (algorithm, { place, text }) => {
        const original = token(algorithm, { a: 1 });
        const at = Math.floor(place * original.length);
        const changed = original.slice(0, at) + text + original.slice(at + 1);
        if (ours(changed, algorithm) !== undefined) expect(await theirs(changed, algorithm)).toBeDefined();
      }),
    );
  });

  it.each([
    ['an extension that must be understood', { alg: 'HS256', crit: ['exp'], exp: 1 }],
    ['an unencoded payload (RFC 7797)', { alg: 'HS256', crit: ['b64'], b64: false }],
  ])('refuses %s', (_what, header) => {
    expect(ours(token('HS256', { a: 1 }, header), 'HS256')).toBeUndefined();
  });

  it('refuses a signature whose unused last bits were changed, which libraries take', async () => {
    const text = token('HS256', { a: 1 });
    // 32 bytes are 42 characters of six bits and one of four: its last two bits say nothing.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(text.slice(-1));
    const changed = text.slice(0, -1) + (letters[last ^ 1] ?? '');
    expect(await theirs(changed, 'HS256')).toBeDefined();
    expect(ours(changed, 'HS256')).toBeUndefined();
  });
});
