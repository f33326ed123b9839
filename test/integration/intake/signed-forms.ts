import { createHash, createHmac } from 'node:crypto';
import { loadConfig } from '../../../src/config/load-config.js';
import type { SignedRequest } from '../../../src/contracts/ports/vendor-adapter.port.js';
import { GongTokenVerifier } from '../../../src/gong/gong-token.verifier.js';
import { ZohoSignatureVerifier } from '../../../src/zoho/zoho-signature.verifier.js';
import { GongSigner } from '../../simulators/gong/gong-signer.js';

export const FORMS = ['rs256', 'rs256-bearer', 'hs256', 'hmac-hex', 'hmac-base64', 'hmac-timestamp'] as const;
export type Form = (typeof FORMS)[number];

const RELAY_SECRET = 'the-relay-secret-of-at-least-32-characters';
const SECRET = 'the-shared-secret-of-a-deluge-function-x';
const GONG_PATH = '/webhook/gong/calls';
const GONG_URL = `https://hooks.example${GONG_PATH}`;
const ZOHO_PATH = '/webhooks/zoho';

const signer = GongSigner.shared();
const config = loadConfig({
  GONG_WEBHOOK_PUBLIC_KEYS: signer.publicKeyBase64,
  GONG_WEBHOOK_SECRETS: RELAY_SECRET,
  WEBHOOK_BASE_URL: 'https://hooks.example',
  WEBHOOK_SECRETS: SECRET,
});
const gong = new GongTokenVerifier(config);
const zoho = new ZohoSignatureVerifier(config, { idOf: () => Promise.resolve(undefined) });

export function isOfGong(form: Form): boolean {
  return !form.startsWith('hmac');
}

/** Resolves when the vendor's verifier takes the request as authentic. */
export async function verify(form: Form, request: SignedRequest): Promise<void> {
  await (isOfGong(form) ? gong.verify(request) : zoho.verify(request));
}

/** A request as its sender makes it. */
export function authentic(form: Form, body: Buffer): SignedRequest {
  const token = (alg: 'RS256' | 'HS256') =>
    signer.sign({ url: GONG_URL, body, alg, ...(alg === 'HS256' && { key: RELAY_SECRET }) });
  const gongRequest = (authorization: string) => ({ body, url: GONG_PATH, headers: { authorization } });
  const zohoRequest = (headers: Record<string, string>) => ({ body, url: ZOHO_PATH, headers });
  switch (form) {
    case 'rs256':
      return gongRequest(token('RS256'));
    case 'rs256-bearer':
      return gongRequest(`Bearer ${token('RS256')}`);
    case 'hs256':
      return gongRequest(token('HS256'));
    case 'hmac-hex':
      return zohoRequest({ 'x-zoho-signature': `sha256=${hmac([body], 'hex')}` });
    case 'hmac-base64':
      return zohoRequest({ 'x-webhook-signature': hmac([body], 'base64') });
    case 'hmac-timestamp': {
      const timestamp = String(Math.floor(Date.now() / 1000));
      return zohoRequest({
        'x-zoho-signature': hmac([Buffer.from(`${timestamp}.`), body], 'hex'),
        'x-webhook-timestamp': timestamp,
      });
    }
  }
}

function hmac(parts: readonly Buffer[], encoding: 'hex' | 'base64', secret = SECRET): string {
  const digest = createHmac('sha256', secret);
  for (const part of parts) digest.update(part);
  return digest.digest(encoding);
}

/** What somebody without the key can do to a request, or send instead of it; numbers decide where and how. */
export interface Forgery {
  readonly place: number;
  readonly flip: number;
  readonly other: Buffer;
}

type Forge = (request: SignedRequest, forgery: Forgery) => SignedRequest;

const withBody = (request: SignedRequest, body: Buffer): SignedRequest => ({ ...request, body });

/** Of every form. */
const BODY_FORGERIES: Readonly<Record<string, Forge>> = {
  'one byte changed': (request, { place, flip }) => {
    const body = Buffer.from(request.body);
    if (body.length === 0) return withBody(request, Buffer.from([flip]));
    const index = place % body.length;
    body.writeUInt8(body.readUInt8(index) ^ flip, index);
    return withBody(request, body);
  },
  'a byte added': (request, { place, flip }) => {
    const index = place % (request.body.length + 1);
    const added = [request.body.subarray(0, index), Buffer.from([flip]), request.body.subarray(index)];
    return withBody(request, Buffer.concat(added));
  },
  'cut off': (request, { place }) =>
    request.body.length === 0
      ? withBody(request, Buffer.from(' '))
      : withBody(request, request.body.subarray(0, place % request.body.length)),
  'another body': (request, { other }) =>
    withBody(request, Buffer.concat([request.body, other, Buffer.from('x')])),
  'no proof': (request) => ({ ...request, headers: {} }),
};

const withToken = (request: SignedRequest, change: (token: string) => string): SignedRequest => ({
  ...request,
  headers: { authorization: change(String(request.headers.authorization).replace('Bearer ', '')) },
});
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const withClaims = (token: string, more: object) => {
  const [head, , signature] = token.split('.');
  return `${head}.${encoded({ ...claimsOf(token), ...more })}.${signature}`;
};
const withHead = (token: string, head: object) => [encoded(head), ...token.split('.').slice(1)].join('.');

const GONG_FORGERIES: Readonly<Record<string, Forge>> = {
  'one character of the token changed': (request, { place, flip }) =>
    withToken(request, (token) => {
      const index = place % token.length;
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ';
      const choices = [...letters].filter((letter) => letter !== token[index]);
      const letter = choices[flip % choices.length] ?? 'A';
      return token.slice(0, index) + letter + token.slice(index + 1) + (letter === ' ' ? 'A' : '');
    }),
  'the token cut off': (request, { place }) =>
    withToken(request, (token) => token.slice(0, 1 + (place % (token.length - 1)))),
  'more behind the token': (request, { flip }) =>
    withToken(request, (token) => token + ['=', 'A', '.', '.x', '=='][flip % 5]),
  'a longer life': (request, { place }) =>
    withToken(request, (token) => withClaims(token, { exp: 4e9 + place })),
  'the hash of another body': (request, { other }) => {
    const body = Buffer.concat([other, Buffer.from('x')]);
    const body_sha256 = createHash('sha256').update(body).digest('hex');
    return { ...withToken(request, (token) => withClaims(token, { body_sha256 })), body };
  },
  'another alg': (request, { flip }) =>
    withToken(request, (token) =>
      withHead(token, { alg: ['none', 'rs256', 'RS384', 'PS256', 'ES256', 'HS512', null, ''][flip % 8] }),
    ),
  'alg none without a signature': (request) =>
    withToken(request, (token) => `${withHead(token, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`),
  'HS256 with the public key': (request) => ({
    ...request,
    headers: { authorization: signer.hmacWithPublicKey({ url: GONG_URL, body: request.body }) },
  }),
  'signed by somebody else': (request) => ({
    ...request,
    headers: {
      authorization: GongSigner.impostor().sign({ url: GONG_URL, body: request.body }),
    },
  }),
  'genuine, but expired': (request) => ({
    ...request,
    headers: { authorization: signer.expired({ url: GONG_URL, body: request.body }) },
  }),
  'genuine, but for another of our routes': (request) => ({ ...request, url: '/webhook/gong/meetings' }),
  'genuine, but for another receiver': (request) => ({
    ...request,
    headers: { authorization: signer.forOtherUrl({ url: GONG_URL, body: request.body }) },
  }),
};

const signatureHeader = (request: SignedRequest) =>
  request.headers['x-zoho-signature'] === undefined ? 'x-webhook-signature' : 'x-zoho-signature';
const withSignature = (request: SignedRequest, change: (signature: string) => string): SignedRequest => {
  const name = signatureHeader(request);
  const signature = String(request.headers[name]).replace('sha256=', '');
  return { ...request, headers: { ...request.headers, [name]: change(signature) } };
};

const ZOHO_FORGERIES: Readonly<Record<string, Forge>> = {
  'one character of the signature changed': (request, { place, flip }) =>
    withSignature(request, (signature) => {
      const index = place % signature.length;
      const choices = [...'abcdef0123456789+/='].filter(
        (letter) => letter !== signature[index]?.toLowerCase(),
      );
      return signature.slice(0, index) + choices[flip % choices.length] + signature.slice(index + 1);
    }),
  'the signature cut off': (request, { place }) =>
    withSignature(request, (signature) => signature.slice(0, place % signature.length)),
  'more behind the signature': (request, { flip }) =>
    withSignature(request, (signature) => signature + ['=', '0', 'sha256=', ',x'][flip % 4]),
  'another secret': (request) =>
    withSignature(request, () => hmac([request.body], 'hex', 'a-secret-of-somebody-else-of-32-chars')),
  'another time': (request, { flip }) => ({
    ...request,
    headers: {
      ...request.headers,
      'x-webhook-timestamp': String(Number(request.headers['x-webhook-timestamp'] ?? 1.7e9) + flip),
    },
  }),
  'a genuine signature of long ago': (request, { place }) => {
    const timestamp = String(Math.floor(Date.now() / 1000) - 301 - place);
    const signature = hmac([Buffer.from(`${timestamp}.`), request.body], 'hex');
    return {
      ...request,
      headers: { 'x-zoho-signature': signature, 'x-webhook-timestamp': timestamp },
    };
  },
  'a wrong second signature': (request, { flip }) => {
    const second =
      signatureHeader(request) === 'x-zoho-signature' ? 'x-webhook-signature' : 'x-zoho-signature';
    return { ...request, headers: { ...request.headers, [second]: 'ab'.repeat(flip % 33) } };
  },
};

export function forgeriesOf(form: Form): Readonly<Record<string, Forge>> {
  return { ...BODY_FORGERIES, ...(isOfGong(form) ? GONG_FORGERIES : ZOHO_FORGERIES) };
}
