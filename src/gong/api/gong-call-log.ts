import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';

/** The outcome of one real request to Gong. */
export interface GongCallOutcome {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly endpoint: string;
  /** HTTP status, or `network`, `timeout`, `malformed`. */
  readonly status: string;
  /** Code of the error; empty for an answer we could use. */
  readonly code: string;
}

const LAST_KEY = `${KEY_PREFIX}:gong:last-call`;

/** Remembers the last real request, of whatever process: health must not spend quota to find out. */
@Injectable()
export class GongCallLog {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(GongCallLog.name) private readonly logger: PinoLogger,
  ) {}

  /** Never fails: what it is about has been done. */
  async note(outcome: Omit<GongCallOutcome, 'at'>): Promise<void> {
    const at = new Date().toISOString();
    try {
      await this.redis.set(LAST_KEY, JSON.stringify({ at, ...outcome } satisfies GongCallOutcome));
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'gong.outcome_not_noted');
    }
  }

  async last(): Promise<GongCallOutcome | null> {
    const text = await this.redis.get(LAST_KEY);
    return text === null ? null : (JSON.parse(text) as GongCallOutcome);
  }
}
