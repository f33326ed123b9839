import { generateKeyPairSync } from 'node:crypto';
import { validateSync } from 'class-validator';
import {
  IsCertificate,
  IsChannelToken,
  IsHostAndPort,
  IsNamedToken,
  IsPrivateKey,
  IsRedisUrl,
  IsSealingKey,
  IsSecret,
  IsSpkiPublicKey,
} from './validators.js';

const SECRET = 's'.repeat(32);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'der' }).toString('base64');
const pkcs8 = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const sealed = rsa.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
  .toString();

/** What is wrong with a value; nothing where it is taken. */
function problemsOf(decorator: PropertyDecorator, value: unknown, passphrase?: unknown): string[] {
  class Checked {
    value: unknown;
    passphrase: unknown;
  }
  decorator(Checked.prototype, 'value');
  const checked = Object.assign(new Checked(), { value, passphrase });
  return validateSync(checked).flatMap(({ constraints }) => Object.values(constraints ?? {}));
}

describe('what the configuration takes', () => {
  it.each([
    ['an address of Redis', IsRedisUrl(), 'redis://localhost:6379/1'],
    ['an address of Redis with TLS', IsRedisUrl(), 'rediss://user:pass@host'],
    ['a host with a port', IsHostAndPort(), 'redis-1.internal:26379'],
    ['an address of IPv6 with a port', IsHostAndPort(), '[2001:db8::1]:6379'],
    ['an RSA key', IsSpkiPublicKey(), spki(rsa.publicKey)],
    ['a private key', IsPrivateKey('passphrase'), pkcs8(rsa.privateKey)],
    ['a secret of 32 characters', IsSecret(), SECRET],
    ['a key of 32 bytes', IsSealingKey(), Buffer.alloc(32, 7).toString('base64')],
    ['a named token', IsNamedToken(), `ann@x.example:${SECRET}`],
    ['a token with a colon', IsNamedToken(), `ann:${SECRET}:more`],
    ['the token of a channel', IsChannelToken(), `1000000068001:${SECRET}`],
  ])('is %s', (_what, decorator, value) => {
    expect(problemsOf(decorator, value)).toEqual([]);
  });

  it.each([
    ['an address of something else', IsRedisUrl(), 'https://localhost:6379'],
    ['an address without its protocol', IsRedisUrl(), 'localhost:6379'],
    ['a number for an address', IsRedisUrl(), 6379],
    ['a host without a port', IsHostAndPort(), 'redis-1'],
    ['port 0', IsHostAndPort(), 'redis-1:0'],
    ['a port beyond all', IsHostAndPort(), 'redis-1:65536'],
    ['an address of IPv6 without brackets', IsHostAndPort(), '2001:db8::1:6379'],
    ['a list for a host', IsHostAndPort(), ['redis-1:6379']],
    ['a certificate that is none', IsCertificate(), SECRET],
    ['a key that is none', IsSpkiPublicKey(), SECRET],
    ['a key that is no text', IsSpkiPublicKey(), { kty: SECRET }],
    ['a key that is not of RSA', IsSpkiPublicKey(), spki(curve.publicKey)],
    ['a private key that is none', IsPrivateKey('passphrase'), SECRET],
    ['a private key that is not of RSA', IsPrivateKey('passphrase'), pkcs8(curve.privateKey)],
    ['a secret that can be guessed', IsSecret(), SECRET.slice(1)],
    ['a secret that is a number', IsSecret(), 12345678901234567890123456789012],
    ['a key of 31 bytes', IsSealingKey(), Buffer.alloc(31).toString('base64')],
    ['a key in hex', IsSealingKey(), `${'-'.repeat(43)}=`],
    ['a key that is no text', IsSealingKey(), Buffer.alloc(32)],
    ['a token without a name', IsNamedToken(), `:${SECRET}`],
    ['a short token', IsNamedToken(), `ann:${SECRET.slice(1)}`],
    ['a token that is no text', IsNamedToken(), 7],
    ['a channel by name', IsChannelToken(), `accounts:${SECRET}`],
    ["a token that is longer than Zoho's", IsChannelToken(), `1:${'s'.repeat(51)}`],
    ['a short token of a channel', IsChannelToken(), `1:${SECRET.slice(1)}`],
    ['the token of a channel that is no text', IsChannelToken(), null],
  ])('is not %s, and its text is never shown', (_what, decorator, value) => {
    const problems = problemsOf(decorator, value);
    expect(problems).toHaveLength(1);
    if (typeof value === 'string') expect(problems[0]).not.toContain(value);
    expect(problems[0]).not.toContain(SECRET.slice(1));
  });

  it.each([
    ['with its passphrase', 'open sesame', 0],
    ['with another', 'open barley', 1],
    ['without one', undefined, 1],
    ['with one that is no text', 7, 1],
  ])('is a private key under seal only %s', (_what, passphrase, count) => {
    expect(problemsOf(IsPrivateKey('passphrase'), sealed, passphrase)).toHaveLength(count);
  });
});
