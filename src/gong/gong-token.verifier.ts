import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactVerify, type CompactVerifyResult, errors as joseErrors } from 'jose';
import { AppConfig } from '../config/app-config.js';
import { publicKeyFrom } from '../config/public-key.js';
import { AppError } from '../contracts/errors.js';
import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { expectedWebhookUrls, normalisedUrl } from './gong-webhook-url.js';

/** Claims of Gong's webhook token; no other claim is documented, so none may be required. */
interface GongClaims {
  readonly webhook_url: string;
  readonly body_sha256: string;
  readonly exp: number;
}

interface VerifyingKey {
  readonly id: string;
  readonly key: ReturnType<typeof publicKeyFrom>;
}

/**
 * Proves that a webhook comes from Gong: an RS256 token in `Authorization` (bare as Gong sends it, or with
 * `Bearer `), whose claims bind it to our address, to the exact bytes and to a time
 * (Gong help: "Prepare your receiving application to receive a webhook: JWT header").
 * Several keys may be configured: each automation rule may have its own, and it serves rotation.
 */
@Injectable()
export class GongTokenVerifier {
  private readonly keys: readonly VerifyingKey[];
  private readonly urls: ReadonlySet<string>;

  constructor(private readonly config: AppConfig) {
    this.keys = config.GONG_WEBHOOK_PUBLIC_KEYS.map((text) => verifyingKey(text));
    this.urls = new Set(config.GONG_WEBHOOK_URLS.map((url) => normalisedUrl(url)));
  }

  /** @throws AppError `SIGNATURE.*` unless all of it holds. */
  async verify(request: SignedRequest): Promise<VerifiedSender> {
    const token = bearerToken(request.headers.authorization);
    const { claims, keyId } = await this.verifiedClaims(token);
    const nowSeconds = Math.floor(Date.now() / 1000);
    if (claims.exp <= nowSeconds) throw new AppError('SIGNATURE.EXPIRED', 'the token has expired');
    const expected = expectedWebhookUrls(this.urls, this.config.WEBHOOK_BASE_URL, request.url);
    if (!expected.has(normalisedUrl(claims.webhook_url))) {
      throw new AppError('SIGNATURE.WRONG_URL', 'the token was made for another address');
    }
    const bodySha256 = createHash('sha256').update(request.body).digest('hex');
    if (!equalInConstantTime(claims.body_sha256, bodySha256)) {
      throw new AppError('SIGNATURE.BODY_CHANGED', 'the body is not the one that was signed');
    }
    return {
      signingKeyId: keyId,
      bodySha256,
      deliveryFingerprint: createHash('sha256').update(token).digest('hex'),
      replayableForSeconds: claims.exp - nowSeconds,
    };
  }

  private async verifiedClaims(token: string): Promise<{ claims: GongClaims; keyId: string }> {
    if (this.keys.length === 0) {
      throw new AppError('SIGNATURE.NOT_CONFIGURED', 'no key is configured to verify Gong webhooks');
    }
    for (const { id, key } of this.keys) {
      const verified = await verifiedBy(token, key);
      if (verified !== undefined) return { claims: claimsOf(verified), keyId: id };
    }
    throw new AppError('SIGNATURE.INVALID', 'the token is not signed by a key of ours');
  }
}

function verifyingKey(text: string): VerifyingKey {
  const key = publicKeyFrom(text);
  const der = key.export({ type: 'spki', format: 'der' });
  return { id: createHash('sha256').update(der).digest('hex').slice(0, 16), key };
}

function bearerToken(header: string | string[] | undefined): string {
  if (typeof header !== 'string' || header.trim() === '') {
    throw new AppError('SIGNATURE.MISSING', 'no token in the Authorization header');
  }
  return header.trim().replace(/^Bearer\s+/i, '');
}

/** The signature checked with RS256 only: neither `none` nor an HMAC made with the public key gets through. */
async function verifiedBy(token: string, key: VerifyingKey['key']): Promise<CompactVerifyResult | undefined> {
  try {
    return await compactVerify(token, key, { algorithms: ['RS256'] });
  } catch (error) {
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function claimsOf({ payload }: CompactVerifyResult): GongClaims {
  try {
    const claims = JSON.parse(new TextDecoder().decode(payload)) as Partial<GongClaims>;
    const { webhook_url, body_sha256, exp } = claims;
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

function equalInConstantTime(claimed: string, actual: string): boolean {
  const left = Buffer.from(claimed.toLowerCase());
  const right = Buffer.from(actual);
  return left.length === right.length && timingSafeEqual(left, right);
}
