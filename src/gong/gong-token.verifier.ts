import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { publicKeyFrom } from '../config/public-key.js';
import { AppError } from '../contracts/errors.js';
import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { equalInConstantTime, secretFingerprint } from '../contracts/secret-compare.js';
import { type CompactJws, compactJws, isSignedBy } from './compact-jws.js';
import { expectedWebhookUrls, normalisedUrl } from './gong-webhook-url.js';

/** Claims of Gong's webhook token; no other claim is documented, so none may be required. */
interface GongClaims {
  readonly webhook_url: string;
  readonly body_sha256: string;
  readonly exp: number;
}

interface VerifyingKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The token's `alg` picks the list of keys and nothing else: a key never serves another algorithm. */
type KeyLists = Readonly<Record<'RS256' | 'HS256', readonly VerifyingKey[]>>;

/** How far the sender's clock may be ahead of ours without its fresh tokens being expired. */
const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * Proves that a webhook comes from Gong: an RS256 token in `Authorization` (bare as Gong sends it, or with
 * `Bearer `), whose claims bind it to our address, to the exact bytes and to a time
 * (Gong help: "Prepare your receiving application to receive a webhook: JWT header"). A relay may sign the
 * same claims with HS256. Several keys may be configured: each automation rule may have its own, and it
 * serves rotation. Gong's other mode, a key in the address, is off unless configured.
 */
@Injectable()
export class GongTokenVerifier {
  private readonly keys: KeyLists;
  private readonly urls: readonly string[];

  constructor(private readonly config: AppConfig) {
    this.keys = {
      RS256: config.GONG_WEBHOOK_PUBLIC_KEYS.map((text) => publicKey(text)),
      HS256: config.GONG_WEBHOOK_SECRETS.map((secret) => sharedKey(secret)),
    };
    this.urls = config.GONG_WEBHOOK_URLS.map((url) => normalisedUrl(url));
  }

  /** @throws AppError `SIGNATURE.*` unless the sender is proven. */
  async verify(request: SignedRequest): Promise<VerifiedSender> {
    const bodySha256 = hash('sha256', request.body);
    const token = tokenIn(request.headers.authorization);
    // A token that is there must be right: never fall through from it to the weaker key.
    if (token === undefined) return this.verifyUrlKey(request.url, bodySha256);
    const { claims, keyId } = this.verifiedClaims(token);
    const replayableForSeconds = Math.ceil(claims.exp + CLOCK_TOLERANCE_SECONDS - Date.now() / 1000);
    if (replayableForSeconds <= 0) throw new AppError('SIGNATURE.EXPIRED', 'the token has expired');
    const expected = expectedWebhookUrls(this.urls, this.config.WEBHOOK_BASE_URL, request.url);
    if (!expected.includes(normalisedUrl(claims.webhook_url))) {
      throw new AppError('SIGNATURE.WRONG_URL', 'the token was made for another address');
    }
    if (claims.body_sha256.toLowerCase() !== bodySha256) {
      throw new AppError('SIGNATURE.BODY_CHANGED', 'the body is not the one that was signed');
    }
    return {
      signingKeyId: keyId,
      bodySha256,
      deliveryFingerprint: hash('sha256', token),
      replayableForSeconds,
    };
  }

  private verifiedClaims(text: string): { claims: GongClaims; keyId: string } {
    const token = compactJws(text);
    if (token === undefined) throw new AppError('SIGNATURE.INVALID', 'the token cannot be read');
    const { algorithm } = token;
    if (algorithm !== 'RS256' && algorithm !== 'HS256') {
      throw new AppError('SIGNATURE.INVALID', 'only RS256 and HS256 are taken');
    }
    const keys = this.keys[algorithm];
    if (keys.length === 0) {
      throw new AppError('SIGNATURE.NOT_CONFIGURED', 'no key is configured for tokens of this kind');
    }
    const signer = keys.find(({ key }) => isSignedBy(token, algorithm, key));
    if (signer === undefined) {
      throw new AppError('SIGNATURE.INVALID', 'the token is not signed by a key of ours');
    }
    return { claims: claimsOf(token), keyId: signer.id };
  }

  private verifyUrlKey(url: string, bodySha256: string): VerifiedSender {
    const given = new URLSearchParams(/\?.*/.exec(url)?.[0]).get('key');
    if (this.config.GONG_WEBHOOK_URL_KEYS.length === 0 || given === null) {
      throw new AppError('SIGNATURE.MISSING', 'no token in the Authorization header');
    }
    const known = this.config.GONG_WEBHOOK_URL_KEYS.find((key) => equalInConstantTime(key, given));
    if (known === undefined) {
      throw new AppError('SIGNATURE.INVALID', 'the key in the address is not one of ours');
    }
    return {
      signingKeyId: secretFingerprint(known),
      bodySha256,
      deliveryFingerprint: null,
      replayableForSeconds: 0,
    };
  }
}

function publicKey(text: string): VerifyingKey {
  const key = publicKeyFrom(text);
  return { id: secretFingerprint(key.export({ type: 'spki', format: 'der' })), key };
}

function sharedKey(secret: string): VerifyingKey {
  return { id: secretFingerprint(secret), key: createSecretKey(Buffer.from(secret)) };
}

function tokenIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = Array.isArray(header) ? '' : header.trim();
  if (text === '') throw new AppError('SIGNATURE.MISSING', 'no token in the Authorization header');
  return text.replace(/^Bearer\s+/i, '');
}

function claimsOf({ payload }: CompactJws): GongClaims {
  try {
    const claims = JSON.parse(payload.toString('utf8')) as Partial<GongClaims> | null;
    const { webhook_url, body_sha256, exp } = claims ?? {};
    // JSON writes a number too large for it as 1e999, which reads as Infinity.
    const isTime = typeof exp === 'number' && Number.isFinite(exp);
    if (typeof webhook_url === 'string' && typeof body_sha256 === 'string' && isTime) {
      return { webhook_url, body_sha256, exp };
    }
  } catch (error) {
    throw new AppError('SIGNATURE.INVALID', 'the claims of the token are not JSON', 'never', {
      cause: error,
    });
  }
  throw new AppError('SIGNATURE.INVALID', 'the token lacks webhook_url, body_sha256 or exp');
}
