import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactVerify, type CompactVerifyResult, decodeProtectedHeader, errors as joseErrors } from 'jose';
import { AppConfig } from '../config/app-config.js';
import { publicKeyFrom } from '../config/public-key.js';
import { AppError } from '../contracts/errors.js';
import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { equalInConstantTime, secretFingerprint } from '../contracts/secret-compare.js';
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
  private readonly urls: ReadonlySet<string>;

  constructor(private readonly config: AppConfig) {
    this.keys = {
      RS256: config.GONG_WEBHOOK_PUBLIC_KEYS.map((text) => publicKey(text)),
      HS256: config.GONG_WEBHOOK_SECRETS.map((secret) => sharedKey(secret)),
    };
    this.urls = new Set(config.GONG_WEBHOOK_URLS.map((url) => normalisedUrl(url)));
  }

  /** @throws AppError `SIGNATURE.*` unless the sender is proven. */
  async verify(request: SignedRequest): Promise<VerifiedSender> {
    const bodySha256 = createHash('sha256').update(request.body).digest('hex');
    const token = tokenIn(request.headers.authorization);
    // A token that is there must be right: never fall through from it to the weaker key.
    if (token === undefined) return this.verifyUrlKey(request.url, bodySha256);
    const { claims, keyId } = await this.verifiedClaims(token);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const replayableForSeconds = claims.exp + CLOCK_TOLERANCE_SECONDS - nowSeconds;
    if (replayableForSeconds <= 0) throw new AppError('SIGNATURE.EXPIRED', 'the token has expired');
    const expected = expectedWebhookUrls(this.urls, this.config.WEBHOOK_BASE_URL, request.url);
    if (!expected.has(normalisedUrl(claims.webhook_url))) {
      throw new AppError('SIGNATURE.WRONG_URL', 'the token was made for another address');
    }
    if (!equalInConstantTime(claims.body_sha256.toLowerCase(), bodySha256)) {
      throw new AppError('SIGNATURE.BODY_CHANGED', 'the body is not the one that was signed');
    }
    const deliveryFingerprint = createHash('sha256').update(token).digest('hex');
    return { signingKeyId: keyId, bodySha256, deliveryFingerprint, replayableForSeconds };
  }

  private async verifiedClaims(token: string): Promise<{ claims: GongClaims; keyId: string }> {
    const keys = this.keys[algorithmOf(token)];
    if (keys.length === 0) {
      throw new AppError('SIGNATURE.NOT_CONFIGURED', 'no key is configured for tokens of this kind');
    }
    for (const { id, key } of keys) {
      const verified = await verifiedBy(token, key, algorithmOf(token));
      if (verified !== undefined) return { claims: claimsOf(verified), keyId: id };
    }
    throw new AppError('SIGNATURE.INVALID', 'the token is not signed by a key of ours');
  }

  private verifyUrlKey(url: string, bodySha256: string): VerifiedSender {
    const given = new URLSearchParams(url.split('?')[1] ?? '').get('key');
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

function algorithmOf(token: string): keyof KeyLists {
  try {
    const { alg } = decodeProtectedHeader(token);
    if (alg === 'RS256' || alg === 'HS256') return alg;
  } catch (error) {
    throw new AppError('SIGNATURE.INVALID', 'the header of the token cannot be read', 'never', {
      cause: error,
    });
  }
  throw new AppError('SIGNATURE.INVALID', 'only RS256 and HS256 are taken');
}

async function verifiedBy(
  token: string,
  key: KeyObject,
  algorithm: keyof KeyLists,
): Promise<CompactVerifyResult | undefined> {
  try {
    return await compactVerify(token, key, { algorithms: [algorithm] });
  } catch (error) {
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function claimsOf({ payload }: CompactVerifyResult): GongClaims {
  try {
    const claims = JSON.parse(new TextDecoder().decode(payload)) as Partial<GongClaims> | null;
    const { webhook_url, body_sha256, exp } = claims ?? {};
    if (typeof webhook_url === 'string' && typeof body_sha256 === 'string' && typeof exp === 'number') {
      return { webhook_url, body_sha256, exp };
    }
  } catch (error) {
    throw new AppError('SIGNATURE.INVALID', 'the claims of the token are not JSON', 'never', {
      cause: error,
    });
  }
  throw new AppError('SIGNATURE.INVALID', 'the token lacks webhook_url, body_sha256 or exp');
}
