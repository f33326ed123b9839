import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../contracts/errors.js';
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
  /** Grows with each change that is written. */
  readonly revision?: number;
}

const CHANNELS_KEY = `${KEY_PREFIX}:zoho:channels`;

/** Changes of one channel that meet are repeated; more often than this they do not meet. */
const MOST_TRIES = 10;
const ABSENT = 0;

/**
 * KEYS: channels by id. ARGV: id, the revision that it must have now (0: it must not be there), the channel.
 * Answers whether it was written.
 */
const SAVE = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local revision = 0
if stored then revision = cjson.decode(stored).revision or 0 end
if revision ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`;

/** KEYS: channels by id. ARGV: id, the revision that it must have. Answers whether it was removed. */
const REMOVE = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored and (cjson.decode(stored).revision or 0) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
`;

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

  /** A new one. */
  async add(channel: RegisteredChannel): Promise<void> {
    if (!(await this.write(channel, ABSENT))) throw new Error(`channel ${channel.id} is there already`);
  }

  /**
   * Changes a channel. Where another process changes it at the same time the work is done again on what that has left:
   * a renewal that overlaps with a new token must not bring the old one back.
   * @param work may ask Zoho; what it throws changes nothing.
   * @returns the channel as it was written; undefined where there is none (any more).
   */
  async change(
    id: string,
    work: (channel: RegisteredChannel) => Promise<RegisteredChannel> | RegisteredChannel,
  ): Promise<RegisteredChannel | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const channel = await this.find(id);
      if (channel === undefined) return undefined;
      const changed = await work(channel);
      if (await this.write(changed, channel.revision ?? ABSENT)) return changed;
    }
    throw beingChanged(id);
  }

  /**
   * Removes a channel once the work is done, which is done again where it was changed meanwhile.
   * @returns whether there was one.
   */
  async remove(id: string, work: () => Promise<unknown>): Promise<boolean> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const channel = await this.find(id);
      if (channel === undefined) return tries > 0;
      await work();
      const answer = await this.redis.eval(REMOVE, 1, CHANNELS_KEY, id, channel.revision ?? ABSENT);
      if (answer === 1) return true;
    }
    throw beingChanged(id);
  }

  private async write(channel: RegisteredChannel, revision: number): Promise<boolean> {
    const text = JSON.stringify({ ...channel, revision: revision + 1 } satisfies RegisteredChannel);
    return (await this.redis.eval(SAVE, 1, CHANNELS_KEY, channel.id, revision, text)) === 1;
  }
}

function beingChanged(id: string): AppError {
  return new AppError('CHANNELS.REFUSED', `channel ${id} is being changed by others`);
}

export function tokenHash(token: string): string {
  return hash('sha256', token);
}
