import { Redis } from 'ioredis';
import { waitFor } from './wait-for.js';

const RECENT_KEY = '{tributary}:gong:gate:recent';

/**
 * The tokens of Gong's quota that all processes took, by Redis's own clock. When requests arrive depends on how much
 * time a machine gives its processes; when they were allowed to leave does not.
 */
export class GongGrants {
  private readonly times: number[] = [];

  private constructor(
    private readonly redis: Redis,
    private readonly monitor: Redis,
  ) {
    monitor.on('monitor', (_time: string, [command, key, value]: string[]) => {
      if (command?.toUpperCase() === 'LPUSH' && key === RECENT_KEY) this.times.push(Number(value));
    });
  }

  static async watch(redisUrl: string): Promise<GongGrants> {
    const redis = new Redis(redisUrl);
    return new GongGrants(redis, await redis.monitor());
  }

  /** All tokens up to now, in epoch milliseconds. */
  async all(): Promise<readonly number[]> {
    const last = Number(await this.redis.lindex(RECENT_KEY, 0));
    await waitFor('the last token', () => last === 0 || this.times.includes(last));
    return [...this.times].sort((left, right) => left - right);
  }

  async mostInOneSecond(): Promise<number> {
    const times = await this.all();
    return Math.max(0, ...times.map((from, place) => firstAfter(times, place, from + 1_000) - place));
  }

  /** Requests that arrived before there was a token for them: none, or somebody asks without. */
  async unearned(arrivals: readonly number[]): Promise<number> {
    const tokens = await this.all();
    const sorted = [...arrivals].sort((left, right) => left - right);
    return sorted.filter((at, place) => (tokens[place] ?? Infinity) > at).length;
  }

  close(): void {
    this.monitor.disconnect();
    this.redis.disconnect();
  }
}

function firstAfter(times: readonly number[], from: number, limit: number): number {
  let place = from;
  while (place < times.length && (times[place] ?? 0) < limit) place += 1;
  return place;
}
