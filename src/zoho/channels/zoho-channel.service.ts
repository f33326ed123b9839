import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { toAppError } from '../../contracts/errors.js';
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
import { moduleName } from '../zoho-modules.js';
import { driftOf } from './channel-drift.js';
import { ChannelWatch } from './channel-watch.js';
import { DEFAULT_MODULES, EXPANSIONS, UNWATCHABLE } from './watchable-modules.js';
import { type RegisteredChannel, ZohoChannelRegistry } from './zoho-channel.registry.js';
import { NO_OUTCOME, type WatchedChannel, ZohoWatchClient } from './zoho-watch.client.js';

/** Ids of 15 digits: exact as a number, and no two alike. */
const ID_FROM = 100_000_000_000_000;
const ID_TO = 280_000_000_000_000;
const HOUR_MS = 3_600_000;
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
    private readonly watch: ChannelWatch,
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
    this.watch.assertConfigured();
    const name = moduleName(module);
    const reason = UNWATCHABLE[name];
    if (reason !== undefined) return [{ module: name, outcome: 'cannot_be_watched', channel: null, reason }];
    const parts = EXPANSIONS[name] ?? [name];
    const outcomes = await this.registerAll(parts.map((part) => ({ module: part, operations })));
    return parts.length === 1 ? outcomes : [expansion(name, parts), ...outcomes];
  }

  async registerDefaults(): Promise<ZohoChannelOutcome[]> {
    this.watch.assertConfigured();
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
    this.watch.assertConfigured();
    const wish: Partial<RegisteredChannel> = {
      ...(operations !== undefined && { events: eventsOf(channel.module, operations) }),
      ...(isEnabled !== undefined && { isEnabled }),
    };
    if (isEnabled ?? channel.isEnabled) await this.watch.asWished(id, wish);
    else await this.watch.silence(id, wish);
    return this.find(id);
  }

  remove(id: string): Promise<boolean> {
    return this.registry.remove(id, () => this.client.unwatch(id));
  }

  async renew(id: string): Promise<ZohoChannel | undefined> {
    const channel = await this.registry.find(id);
    if (channel === undefined) return undefined;
    this.watch.assertConfigured();
    await this.watch.asWished(id, { isEnabled: true });
    return this.find(id);
  }

  async rotateToken(id: string): Promise<ZohoChannelWithToken | undefined> {
    if ((await this.registry.find(id)) === undefined) return undefined;
    this.watch.assertConfigured();
    const { token, registered } = this.watch.newToken(id);
    // The new one is accepted before Zoho has it; the old one until well after.
    const rotated = await this.registry.change(id, (channel) => ({
      ...channel,
      tokens: [registered, ...channel.tokens],
    }));
    if (rotated?.isEnabled === true) await this.watch.asWished(id);
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
    const notifyUrl = this.watch.notifyUrl;
    const unknownAtZoho = atZoho
      .filter((channel) => !ours.has(channel.id) && channel.notifyUrl === notifyUrl)
      .map(({ id }) => id);
    const isHealthy = checked.every(({ drift, problem }) => drift.length === 0 && problem === null);
    return { isHealthy: isHealthy && unknownAtZoho.length === 0, channels: checked, unknownAtZoho };
  }

  async renewDue(): Promise<ZohoRenewals> {
    const renewed: string[] = [];
    const failed: { id: string; reason: string }[] = [];
    if (this.watch.unconfiguredBecause() !== null) return { renewed, failed };
    const enabled = (await this.registry.all()).filter(({ isEnabled }) => isEnabled);
    if (enabled.length === 0) return { renewed, failed };
    // Where the list cannot be had, what expires is renewed all the same.
    const atZoho = await this.client.list().catch((thrown: unknown) => {
      failed.push({ id: 'the list of channels', reason: reasonOf(thrown) });
      return null;
    });
    for (const { id } of enabled.filter((channel) => this.isDue(channel, atZoho))) {
      try {
        await this.watch.asWished(id);
        renewed.push(id);
      } catch (thrown) {
        failed.push({ id, reason: reasonOf(thrown) });
      }
    }
    return { renewed, failed };
  }

  /** Soon to expire, or not as we know it: Zoho, or somebody there, may have ended it before its time. */
  private isDue(channel: RegisteredChannel, atZoho: readonly WatchedChannel[] | null): boolean {
    const { id, expiresAt, notifyUrl } = channel;
    if (expiresAt === null || Date.parse(expiresAt) < Date.now() + RENEW_BEFORE_MS) return true;
    if (notifyUrl !== this.watch.notifyUrl) return true;
    const watched = atZoho?.find((candidate) => candidate.id === id);
    return atZoho !== null && driftOf(channel, watched).length > 0;
  }

  /** One request for all; each has its own outcome. What Zoho refuses leaves nothing behind. */
  private async registerAll(wishes: readonly Required<ZohoChannelWish>[]): Promise<ZohoChannelOutcome[]> {
    if (wishes.length === 0) return [];
    const made = wishes.map((wish) => this.newChannel(wish));
    for (const { channel } of made) await this.registry.add(channel);
    const outcomes = await this.client.watch(made.map(({ channel, token }) => ({ ...channel, token })));
    return Promise.all(
      made.map(async ({ channel, token }, index): Promise<ZohoChannelOutcome> => {
        const { module, id } = channel;
        const outcome = outcomes[index] ?? NO_OUTCOME;
        if (outcome.type === 'refused') {
          await this.registry.remove(id, () => Promise.resolve());
          return { module, outcome: 'refused', channel: null, reason: `${outcome.code}: ${outcome.reason}` };
        }
        const { expiresAt } = outcome;
        const watched = await this.registry.change(id, (current) => ({ ...current, expiresAt }));
        const made = { ...shown(watched ?? { ...channel, expiresAt }, []), token };
        return { module, outcome: 'registered', channel: made, reason: null };
      }),
    );
  }

  private newChannel({ module, operations }: Required<ZohoChannelWish>): {
    channel: RegisteredChannel;
    token: string;
  } {
    const id = String(randomInt(ID_FROM, ID_TO));
    const { token, registered } = this.watch.newToken(id);
    const channel: RegisteredChannel = {
      id,
      module,
      events: eventsOf(module, operations),
      notifyUrl: this.watch.notifyUrl,
      isEnabled: true,
      expiresAt: null,
      problem: null,
      tokens: [registered],
    };
    return { channel, token };
  }
}

function reasonOf(thrown: unknown): string {
  const { code, message } = toAppError(thrown);
  return `${code}: ${message}`;
}

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
