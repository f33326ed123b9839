import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';

/** A token that Zoho may send with notifications of a channel. */
export interface RegisteredToken {
  /** Fingerprint, as rows name it. */
  readonly id: string;
  /** sha256 in hex: enough to know it again. */
  readonly sha256: string;
  readonly sealed: string;
  /** Epoch milliseconds; null for the one that Zoho has now, or will have. */
  readonly acceptedUntil: number | null;
}

export interface RegisteredChannel {
  readonly id: string;
  readonly module: string;
  readonly events: readonly string[];
  readonly notifyUrl: string;
  readonly isEnabled: boolean;
  readonly expiresAt: string | null;
  readonly problem: string | null;
  /** The newest first. */
  readonly tokens: readonly RegisteredToken[];
}

const CHANNELS_KEY = `${KEY_PREFIX}:zoho:channels`;

/** The channels in Redis: what we have asked Zoho for, and by which tokens its notifications are known. */
@Injectable()
export class ZohoChannelRegistry {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** By module, then id. */
  async all(): Promise<RegisteredChannel[]> {
    const texts = await this.redis.hvals(CHANNELS_KEY);
    const channels = texts.map((text) => JSON.parse(text) as RegisteredChannel);
    return channels.sort((left, right) =>
      `${left.module} ${left.id}`.localeCompare(`${right.module} ${right.id}`),
    );
  }

  async find(id: string): Promise<RegisteredChannel | undefined> {
    const text = await this.redis.hget(CHANNELS_KEY, id);
    return text === null ? undefined : (JSON.parse(text) as RegisteredChannel);
  }

  async save(channel: RegisteredChannel): Promise<void> {
    await this.redis.hset(CHANNELS_KEY, channel.id, JSON.stringify(channel));
  }

  async remove(id: string): Promise<boolean> {
    return (await this.redis.hdel(CHANNELS_KEY, id)) === 1;
  }
}

export function tokenHash(token: string): string {
  return hash('sha256', token);
}
