import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import { secretFingerprint } from '../../contracts/secret-compare.js';
import { ChannelSeal } from './channel-seal.js';
import {
  type RegisteredChannel,
  type RegisteredToken,
  tokenHash,
  ZohoChannelRegistry,
} from './zoho-channel.registry.js';
import { NO_OUTCOME, type WatchOutcome, ZohoWatchClient } from './zoho-watch.client.js';

const NOTIFY_PATH = '/webhooks/zoho';
/** 48 characters; Zoho takes 50. */
const TOKEN_BYTES = 36;
/** Notifications with the old token may still be on their way, or be sent again. */
const OVERLAP_MS = 24 * 3_600_000;

/** Brings single channels to Zoho as our registry has them, and both in step with each other. */
@Injectable()
export class ChannelWatch {
  constructor(
    private readonly registry: ZohoChannelRegistry,
    private readonly client: ZohoWatchClient,
    private readonly seal: ChannelSeal,
    private readonly config: AppConfig,
  ) {}

  /**
   * Sends the whole channel with its newest token, to our address of today; the older tokens are accepted for the
   * overlap from then on.
   */
  async asWished(id: string, wish: Partial<RegisteredChannel> = {}): Promise<void> {
    const saved = await this.registry.change(id, async (channel) => {
      const wanted = { ...channel, ...wish, notifyUrl: this.notifyUrl };
      const outcome = await this.watched(wanted);
      if (outcome.type === 'refused') return { ...wanted, problem: `${outcome.code}: ${outcome.reason}` };
      const tokens = overlapping(wanted.tokens, Date.now());
      return { ...wanted, tokens, expiresAt: outcome.expiresAt, problem: null };
    });
    // Removed meanwhile: then Zoho must not have it either, for nobody would know its token.
    if (saved === undefined) await this.client.unwatch(id);
    else if (saved.problem !== null) {
      throw new AppError('CHANNELS.REFUSED', `Zoho refuses the channel: ${saved.problem}`);
    }
  }

  private async watched(channel: RegisteredChannel): Promise<WatchOutcome> {
    const [newest] = channel.tokens;
    if (newest === undefined) throw new Error(`channel ${channel.id} has no token`);
    const token = this.seal.open(newest.sealed, channel.id);
    const [outcome = NO_OUTCOME] = await this.client.watch([{ ...channel, token }]);
    return outcome;
  }

  /** Zoho is to send nothing more by it. */
  async silence(id: string, wish: Partial<RegisteredChannel>): Promise<void> {
    await this.registry.change(id, async (channel) => {
      await this.client.unwatch(id);
      return { ...channel, ...wish, expiresAt: null, problem: null };
    });
  }

  newToken(channelId: string): { token: string; registered: RegisteredToken } {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const sealed = this.seal.seal(token, channelId);
    const registered = {
      id: secretFingerprint(token),
      sha256: tokenHash(token),
      sealed,
      acceptedUntil: null,
    };
    return { token, registered };
  }

  get notifyUrl(): string {
    return `${(this.config.WEBHOOK_BASE_URL ?? '').replace(/\/+$/, '')}${NOTIFY_PATH}`;
  }

  /** Null when channels can be had. */
  unconfiguredBecause(): string | null {
    if (!this.config.hasZohoCredentials) return 'no credentials of Zoho (ZOHO_CLIENT_ID and its companions)';
    if (this.config.WEBHOOK_BASE_URL === undefined) return 'channels need WEBHOOK_BASE_URL';
    return this.seal.hasKey ? null : 'channels need SECRETS_KEY';
  }

  assertConfigured(): void {
    const reason = this.unconfiguredBecause();
    if (reason !== null) throw new AppError('CHANNELS.NOT_CONFIGURED', reason);
  }
}

/** The newest, and the older ones while what was sent with them may still be on its way. */
function overlapping(
  [newest, ...older]: readonly RegisteredToken[],
  now: number,
): readonly RegisteredToken[] {
  const stillAccepted = older
    .map((old) => ({ ...old, acceptedUntil: old.acceptedUntil ?? now + OVERLAP_MS }))
    .filter(({ acceptedUntil }) => acceptedUntil > now);
  return newest === undefined ? [] : [newest, ...stillAccepted];
}
