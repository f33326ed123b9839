import { createHash, createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError, isCoded } from '../contracts/errors.js';
import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { equalInConstantTime, secretFingerprint } from '../contracts/secret-compare.js';
import { bodyObject } from './zoho-webhook.body.js';

const SIGNATURE_HEADERS = ['x-zoho-signature', 'x-webhook-signature'];
const TIMESTAMP_HEADER = 'x-webhook-timestamp';

interface ChannelToken {
  readonly channelId: string;
  readonly token: string;
}

/**
 * Proves that a webhook comes from our Zoho. Zoho CRM signs nothing itself: its notifications echo the token
 * that was given when the channel was registered, and a Deluge function can make an HMAC-SHA256
 * (`zoho.encryption.hmacsha256`, base64 unless told otherwise). A signature that is there must be right;
 * without one the token of a known channel decides.
 */
@Injectable()
export class ZohoSignatureVerifier {
  private readonly channels: readonly ChannelToken[];

  constructor(private readonly config: AppConfig) {
    this.channels = config.ZOHO_CHANNEL_TOKENS.map((entry) => {
      const separator = entry.indexOf(':');
      return { channelId: entry.slice(0, separator), token: entry.slice(separator + 1) };
    });
  }

  /** @throws AppError `SIGNATURE.*` unless the sender is proven. */
  verify(request: SignedRequest): VerifiedSender {
    const signature = SIGNATURE_HEADERS.map((name) => request.headers[name]).find(
      (value) => value !== undefined,
    );
    return signature === undefined ? this.verifyToken(request) : this.verifyHmac(request, signature);
  }

  private verifyHmac(request: SignedRequest, header: string | string[]): VerifiedSender {
    const signature = Array.isArray(header) ? '' : header.trim();
    const timestamp = this.timestampOf(request);
    const known = this.config.WEBHOOK_SECRETS.find((secret) =>
      isSignedWith(secret, signature, timestamp?.text, request.body),
    );
    if (known === undefined) {
      throw new AppError('SIGNATURE.INVALID', 'the signature is not made with a secret of ours');
    }
    const tolerance = this.config.WEBHOOK_TIMESTAMP_TOLERANCE;
    const ageSeconds = timestamp === undefined ? 0 : Date.now() / 1000 - timestamp.seconds;
    if (Math.abs(ageSeconds) > tolerance) {
      throw new AppError('SIGNATURE.EXPIRED', 'the signed timestamp is too far from our clock');
    }
    return {
      signingKeyId: secretFingerprint(known),
      bodySha256: sha256(request.body),
      // Without a timestamp the same change signed again looks the same: then nothing tells deliveries apart.
      deliveryFingerprint: timestamp === undefined ? null : sha256(`${timestamp.text}.${signature}`),
      replayableForSeconds: timestamp === undefined ? 0 : Math.ceil(tolerance - ageSeconds),
    };
  }

  private timestampOf({ headers }: SignedRequest): { text: string; seconds: number } | undefined {
    const text = headers[TIMESTAMP_HEADER];
    if (text === undefined && !this.config.WEBHOOK_REQUIRE_TIMESTAMP) return undefined;
    const seconds = typeof text === 'string' ? secondsOf(text.trim()) : undefined;
    if (typeof text !== 'string' || seconds === undefined) {
      throw new AppError('SIGNATURE.INVALID', `${TIMESTAMP_HEADER} is missing or is no time`);
    }
    return { text: text.trim(), seconds };
  }

  /** The only look into an unproven body, and at nothing but channel and token. */
  private verifyToken({ body, headers }: SignedRequest): VerifiedSender {
    const { channelId, token } = channelAndToken(body, headers);
    if (channelId === undefined || token === undefined) {
      throw new AppError('SIGNATURE.MISSING', 'neither a signature nor the token of a channel');
    }
    const given = `${channelId}:${token}`;
    const known = this.channels.find((channel) =>
      equalInConstantTime(`${channel.channelId}:${channel.token}`, given),
    );
    if (known === undefined) {
      throw new AppError('SIGNATURE.INVALID', 'the token is not the one of a channel of ours');
    }
    return {
      signingKeyId: secretFingerprint(known.token),
      bodySha256: sha256(body),
      deliveryFingerprint: null,
      replayableForSeconds: 0,
    };
  }
}

function isSignedWith(
  secret: string,
  signature: string,
  timestamp: string | undefined,
  body: Buffer,
): boolean {
  const hmac = createHmac('sha256', secret);
  if (timestamp !== undefined) hmac.update(`${timestamp}.`);
  const digest = hmac.update(body).digest();
  const given = signature.replace(/^sha256=/i, '');
  // Both are compared always, so that the time does not say which form was closer.
  const isHex = equalInConstantTime(given.toLowerCase(), digest.toString('hex'));
  const isBase64 = equalInConstantTime(given, digest.toString('base64'));
  return isHex || isBase64;
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

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
