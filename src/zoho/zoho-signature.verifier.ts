import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError, isCoded } from '../contracts/errors.js';
import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { equalInConstantTime, secretFingerprint } from '../contracts/secret-compare.js';
import { ChannelTokens } from './channels/channel-tokens.js';
import { bodyObject } from './zoho-webhook.body.js';

const SIGNATURE_HEADERS = ['x-zoho-signature', 'x-webhook-signature'];
const TIMESTAMP_HEADER = 'x-webhook-timestamp';

interface ChannelToken {
  readonly id: string;
  readonly channelAndToken: string;
}

interface Secret {
  readonly id: string;
  readonly key: KeyObject;
}

interface Timestamp {
  readonly text: string;
  readonly seconds: number;
}

/**
 * Proves that a webhook comes from our Zoho. Zoho CRM signs nothing itself: its notifications echo the token
 * that was given when the channel was registered, and a Deluge function can make an HMAC-SHA256
 * (`zoho.encryption.hmacsha256`, base64 unless told otherwise). A signature that is there must be right;
 * without one the token of a known channel decides, of the configuration or of the registry (channels/).
 */
@Injectable()
export class ZohoSignatureVerifier {
  private readonly channels: readonly ChannelToken[];
  private readonly secrets: readonly Secret[];

  constructor(
    private readonly config: AppConfig,
    @Inject(ChannelTokens) private readonly registered: Pick<ChannelTokens, 'idOf'>,
  ) {
    this.channels = config.ZOHO_CHANNEL_TOKENS.map((channelAndToken) => ({
      id: secretFingerprint(channelAndToken.slice(channelAndToken.indexOf(':') + 1)),
      channelAndToken,
    }));
    this.secrets = config.WEBHOOK_SECRETS.map((secret) => ({
      id: secretFingerprint(secret),
      key: createSecretKey(Buffer.from(secret)),
    }));
  }

  /** @throws AppError `SIGNATURE.*` unless the sender is proven. */
  async verify(request: SignedRequest): Promise<VerifiedSender> {
    const signatures = SIGNATURE_HEADERS.flatMap((name) => request.headers[name] ?? []);
    return signatures.length === 0 ? this.verifyToken(request) : this.verifyHmac(request, signatures);
  }

  /** Each signature that is there must be right. */
  private verifyHmac(request: SignedRequest, signatures: readonly string[]): VerifiedSender {
    const timestamp = this.timestampOf(request);
    const signers = signatures.map((signature) =>
      this.secrets.find(({ key }) => isSignedWith(key, signature.trim(), timestamp?.text, request.body)),
    );
    const [signer] = signers;
    if (signer === undefined || signers.includes(undefined)) {
      throw new AppError('SIGNATURE.INVALID', 'the signature is not made with a secret of ours');
    }
    const tolerance = this.config.WEBHOOK_TIMESTAMP_TOLERANCE;
    const ageSeconds = timestamp === undefined ? 0 : Date.now() / 1000 - timestamp.seconds;
    if (Math.abs(ageSeconds) > tolerance) {
      throw new AppError('SIGNATURE.EXPIRED', 'the signed timestamp is too far from our clock');
    }
    return {
      signingKeyId: signer.id,
      bodySha256: hash('sha256', request.body),
      // Without a timestamp the same change signed again looks the same: then nothing tells deliveries apart.
      deliveryFingerprint:
        timestamp === undefined ? null : hash('sha256', `${timestamp.text}.${signatures.join()}`),
      replayableForSeconds: timestamp === undefined ? 0 : Math.ceil(tolerance - ageSeconds),
    };
  }

  private timestampOf({ headers }: SignedRequest): Timestamp | undefined {
    const text = headers[TIMESTAMP_HEADER];
    if (text === undefined && !this.config.WEBHOOK_REQUIRE_TIMESTAMP) return undefined;
    const seconds = typeof text === 'string' ? secondsOf(text.trim()) : undefined;
    if (typeof text !== 'string' || seconds === undefined) {
      throw new AppError('SIGNATURE.INVALID', `${TIMESTAMP_HEADER} is missing or is no time`);
    }
    return { text: text.trim(), seconds };
  }

  /** The only look into an unproven body, and at nothing but channel and token. */
  private async verifyToken({ body, headers }: SignedRequest): Promise<VerifiedSender> {
    const { channelId, token } = channelAndToken(body, headers);
    if (channelId === undefined || token === undefined) {
      throw new AppError('SIGNATURE.MISSING', 'neither a signature nor the token of a channel');
    }
    const given = `${channelId}:${token}`;
    const configured = this.channels.find(({ channelAndToken }) =>
      equalInConstantTime(channelAndToken, given),
    );
    const signingKeyId = configured?.id ?? (await this.registered.idOf(channelId, token));
    if (signingKeyId === undefined) {
      throw new AppError('SIGNATURE.INVALID', 'the token is not the one of a channel of ours');
    }
    return {
      signingKeyId,
      bodySha256: hash('sha256', body),
      deliveryFingerprint: null,
      replayableForSeconds: 0,
    };
  }
}

function isSignedWith(
  key: KeyObject,
  signature: string,
  timestamp: string | undefined,
  body: Buffer,
): boolean {
  const hmac = createHmac('sha256', key);
  if (timestamp !== undefined) hmac.update(`${timestamp}.`);
  const digest = hmac.update(body).digest();
  const given = signature.replace(/^sha256=/i, '');
  return (
    isSameText(given.toLowerCase(), digest.toString('hex')) || isSameText(given, digest.toString('base64'))
  );
}

/** In constant time. Texts of another length are another form, and no secret is how long a form is. */
function isSameText(given: string, expected: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}

/** Unix time in seconds or milliseconds, or ISO 8601. */
function secondsOf(text: string): number | undefined {
  if (/^\d{9,11}$/.test(text)) return Number(text);
  if (/^\d{12,14}$/.test(text)) return Number(text) / 1000;
  const parsed = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(parsed) ? undefined : parsed / 1000;
}

function channelAndToken(
  body: Buffer,
  headers: SignedRequest['headers'],
): { channelId?: string; token?: string } {
  try {
    const { channel_id: channelId, token } = bodyObject(body, headers);
    return {
      ...((typeof channelId === 'string' || typeof channelId === 'number') && {
        channelId: String(channelId),
      }),
      ...(typeof token === 'string' && { token }),
    };
  } catch (error) {
    // Not proven, so not worth an answer about its form.
    if (isCoded(error, 'PAYLOAD.NOT_JSON')) return {};
    throw error;
  }
}
