import { randomBytes, randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError, toAppError } from '../../contracts/errors.js';
import { type LastDelivery, SeenIndex } from '../../contracts/ports/seen-index.port.js';
import type {
  ZohoChannel,
  ZohoChannelHealth,
  ZohoChannelOutcome,
  ZohoChannels,
  ZohoChannelWish,
  ZohoChannelWithToken,
  ZohoRenewals,
} from '../../contracts/ports/zoho-channels.port.js';
import { secretFingerprint } from '../../contracts/secret-compare.js';
import { moduleName } from '../zoho-modules.js';
import { ChannelSeal } from './channel-seal.js';
import { driftOf } from './channel-drift.js';
import { DEFAULT_MODULES, EXPANSIONS, UNWATCHABLE } from './watchable-modules.js';
import {
  type RegisteredChannel,
  type RegisteredToken,
  tokenHash,
  ZohoChannelRegistry,
} from './zoho-channel.registry.js';
import { type WatchOutcome, ZohoWatchClient } from './zoho-watch.client.js';

const NOTIFY_PATH = '/webhooks/zoho';
/** 48 characters; Zoho takes 50. */
const TOKEN_BYTES = 36;
/** Ids of 15 digits: exact as a number, and no two alike. */
const ID_FROM = 100_000_000_000_000;
const ID_TO = 280_000_000_000_000;
const HOUR_MS = 3_600_000;
/** Notifications with the old token may still be on their way, or be sent again. */
const OVERLAP_MS = 24 * HOUR_MS;
const RENEW_BEFORE_MS = 48 * HOUR_MS;

/**
 * Our channels at Zoho. What is about to be asked is written down first, with its token: a process that dies before
 * Zoho's answer leaves a channel whose notifications are accepted and which the next renewal completes.
 */
@Injectable()
export class ZohoChannelService implements ZohoChannels {
  constructor(
    private readonly registry: ZohoChannelRegistry,
    private readonly client: ZohoWatchClient,
    private readonly seal: ChannelSeal,
    private readonly config: AppConfig,
    @Inject(SeenIndex) private readonly seen: SeenIndex,
  ) {}

  async list(): Promise<ZohoChannel[]> {
    const [channels, deliveries] = await Promise.all([this.registry.all(), this.seen.lastDeliveries('zoho')]);
    return channels.map((channel) => shown(channel, deliveries));
  }

  async find(id: string): Promise<ZohoChannel | undefined> {
    return (await this.list()).find((channel) => channel.id === id);
  }

  async register({ module, operations = ['all'] }: ZohoChannelWish): Promise<ZohoChannelOutcome[]> {
    this.assertConfigured();
    const name = moduleName(module);
    const reason = UNWATCHABLE[name];
    if (reason !== undefined) return [{ module: name, outcome: 'cannot_be_watched', channel: null, reason }];
    const parts = EXPANSIONS[name] ?? [name];
    const outcomes = await this.registerAll(parts.map((part) => ({ module: part, operations })));
    return parts.length === 1 ? outcomes : [expansion(name, parts), ...outcomes];
  }

  async registerDefaults(): Promise<ZohoChannelOutcome[]> {
    this.assertConfigured();
    const existing = new Map((await this.list()).map((channel) => [channel.module, channel]));
    const missing = DEFAULT_MODULES.filter((module) => !existing.has(module));
    const kept: ZohoChannelOutcome[] = DEFAULT_MODULES.flatMap((module) => {
      const channel = existing.get(module);
      return channel === undefined ? [] : [{ module, outcome: 'exists', channel, reason: null }];
    });
    const made = await this.registerAll(missing.map((module) => ({ module, operations: ['all'] })));
    const expanded = Object.entries(EXPANSIONS).map(([name, parts]) => expansion(name, parts));
    const unwatchable = Object.entries(UNWATCHABLE).map(([module, reason]): ZohoChannelOutcome => ({
      module,
      outcome: 'cannot_be_watched',
      channel: null,
      reason,
    }));
    return [...kept, ...made, ...expanded, ...unwatchable];
  }

  async change(
    id: string,
    { operations, isEnabled }: Parameters<ZohoChannels['change']>[1],
  ): Promise<ZohoChannel | undefined> {
    const channel = await this.registry.find(id);
    if (channel === undefined) return undefined;
    this.assertConfigured();
    const wanted: RegisteredChannel = {
      ...channel,
      ...(operations !== undefined && { events: eventsOf(channel.module, operations) }),
      ...(isEnabled !== undefined && { isEnabled }),
    };
    if (wanted.isEnabled) await this.watchOrThrow(wanted);
    else await this.silence(wanted);
    return this.find(id);
  }

  async remove(id: string): Promise<boolean> {
    const channel = await this.registry.find(id);
    if (channel === undefined) return false;
    await this.client.unwatch(id);
    return this.registry.remove(id);
  }

  async renew(id: string): Promise<ZohoChannel | undefined> {
    const channel = await this.registry.find(id);
    if (channel === undefined) return undefined;
    this.assertConfigured();
    await this.watchOrThrow({ ...channel, isEnabled: true });
    return this.find(id);
  }

  async rotateToken(id: string): Promise<ZohoChannelWithToken | undefined> {
    const channel = await this.registry.find(id);
    if (channel === undefined) return undefined;
    this.assertConfigured();
    const { token, registered } = this.newToken(id);
    // The new one is accepted before Zoho has it; the old one until well after.
    const rotated = { ...channel, tokens: [registered, ...channel.tokens] };
    await this.registry.save(rotated);
    if (rotated.isEnabled) await this.watchOrThrow(rotated);
    const found = await this.find(id);
    return found === undefined ? undefined : { ...found, token };
  }

  async health(): Promise<ZohoChannelHealth> {
    const [channels, atZoho] = await Promise.all([this.list(), this.client.list()]);
    const byId = new Map(atZoho.map((channel) => [channel.id, channel]));
    const now = Date.now();
    const checked = channels.map((channel) => ({
      ...channel,
      expiresInSeconds:
        channel.expiresAt === null ? null : Math.floor((Date.parse(channel.expiresAt) - now) / 1000),
      drift: driftOf(channel, byId.get(channel.id)),
    }));
    const ours = new Set(channels.map(({ id }) => id));
    const notifyUrl = this.notifyUrl();
    const unknownAtZoho = atZoho
      .filter((channel) => !ours.has(channel.id) && channel.notifyUrl === notifyUrl)
      .map(({ id }) => id);
    const isHealthy = checked.every(({ drift, problem }) => drift.length === 0 && problem === null);
    return { isHealthy: isHealthy && unknownAtZoho.length === 0, channels: checked, unknownAtZoho };
  }

  async renewDue(): Promise<ZohoRenewals> {
    if (this.unconfiguredBecause() !== null) return { renewed: [], failed: [] };
    const dueBefore = Date.now() + RENEW_BEFORE_MS;
    const due = (await this.registry.all()).filter(
      ({ isEnabled, expiresAt }) => isEnabled && (expiresAt === null || Date.parse(expiresAt) < dueBefore),
    );
    const renewed: string[] = [];
    const failed: { id: string; reason: string }[] = [];
    for (const channel of due) {
      try {
        await this.watchOrThrow(channel);
        renewed.push(channel.id);
      } catch (thrown) {
        const { code, message } = toAppError(thrown);
        failed.push({ id: channel.id, reason: `${code}: ${message}` });
      }
    }
    return { renewed, failed };
  }

  /** One request for all; each has its own outcome. What Zoho refuses leaves nothing behind. */
  private async registerAll(wishes: readonly Required<ZohoChannelWish>[]): Promise<ZohoChannelOutcome[]> {
    if (wishes.length === 0) return [];
    const made = wishes.map((wish) => this.newChannel(wish));
    for (const { channel } of made) await this.registry.save(channel);
    const outcomes = await this.client.watch(made.map(({ channel, token }) => ({ ...channel, token })));
    return Promise.all(
      made.map(async ({ channel, token }, index): Promise<ZohoChannelOutcome> => {
        const { module } = channel;
        const outcome = outcomes[index] ?? NO_OUTCOME;
        if (outcome.type === 'refused') {
          await this.registry.remove(channel.id);
          return { module, outcome: 'refused', channel: null, reason: `${outcome.code}: ${outcome.reason}` };
        }
        const watched = { ...channel, expiresAt: outcome.expiresAt };
        await this.registry.save(watched);
        return { module, outcome: 'registered', channel: { ...shown(watched, []), token }, reason: null };
      }),
    );
  }

  /** Sends the whole channel with its newest token; the older ones are accepted for the overlap from then on. */
  private async watchOrThrow(channel: RegisteredChannel): Promise<void> {
    const [newest, ...older] = channel.tokens;
    if (newest === undefined) throw new Error(`channel ${channel.id} has no token`);
    const token = this.seal.open(newest.sealed, channel.id);
    const [outcome = NO_OUTCOME] = await this.client.watch([{ ...channel, token }]);
    if (outcome.type === 'refused') {
      const problem = `${outcome.code}: ${outcome.reason}`;
      await this.registry.save({ ...channel, problem });
      throw new AppError('CHANNELS.REFUSED', `Zoho refuses the channel: ${problem}`);
    }
    const now = Date.now();
    const stillAccepted = older
      .map((old) => ({ ...old, acceptedUntil: old.acceptedUntil ?? now + OVERLAP_MS }))
      .filter(({ acceptedUntil }) => acceptedUntil > now);
    const tokens = [newest, ...stillAccepted];
    await this.registry.save({ ...channel, tokens, expiresAt: outcome.expiresAt, problem: null });
  }

  private async silence(channel: RegisteredChannel): Promise<void> {
    await this.client.unwatch(channel.id);
    await this.registry.save({ ...channel, expiresAt: null, problem: null });
  }

  private newChannel({ module, operations }: Required<ZohoChannelWish>): {
    channel: RegisteredChannel;
    token: string;
  } {
    const id = String(randomInt(ID_FROM, ID_TO));
    const { token, registered } = this.newToken(id);
    const channel: RegisteredChannel = {
      id,
      module,
      events: eventsOf(module, operations),
      notifyUrl: this.notifyUrl(),
      isEnabled: true,
      expiresAt: null,
      problem: null,
      tokens: [registered],
    };
    return { channel, token };
  }

  private newToken(channelId: string): { token: string; registered: RegisteredToken } {
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

  private notifyUrl(): string {
    return `${(this.config.WEBHOOK_BASE_URL ?? '').replace(/\/+$/, '')}${NOTIFY_PATH}`;
  }

  private unconfiguredBecause(): string | null {
    if (!this.config.hasZohoCredentials) return 'no credentials of Zoho (ZOHO_CLIENT_ID and its companions)';
    if (this.config.WEBHOOK_BASE_URL === undefined) return 'channels need WEBHOOK_BASE_URL';
    return this.seal.hasKey ? null : 'channels need SECRETS_KEY';
  }

  private assertConfigured(): void {
    const reason = this.unconfiguredBecause();
    if (reason !== null) throw new AppError('CHANNELS.NOT_CONFIGURED', reason);
  }
}

const NO_OUTCOME: WatchOutcome = { type: 'refused', code: 'NO_ANSWER', reason: 'Zoho says nothing of it' };

function eventsOf(module: string, operations: readonly string[]): string[] {
  const wanted = operations.includes('all') ? ['all'] : operations;
  return [...new Set(wanted)].map((operation) => `${module}.${operation}`);
}

function expansion(module: string, parts: readonly string[]): ZohoChannelOutcome {
  const reason = `${module} is no module of its own: ${parts.join(', ')}`;
  return { module, outcome: 'expanded', channel: null, reason };
}

function shown(channel: RegisteredChannel, deliveries: readonly LastDelivery[]): ZohoChannel {
  const { id, module, events, notifyUrl, isEnabled, expiresAt, problem, tokens } = channel;
  const ids = tokens.map((token) => token.id);
  const lastEventAt = deliveries.find(({ signingKeyId }) => ids.includes(signingKeyId))?.at ?? null;
  const tokenId = tokens[0]?.id ?? '';
  return { id, module, events, notifyUrl, isEnabled, expiresAt, tokenId, lastEventAt, problem };
}
