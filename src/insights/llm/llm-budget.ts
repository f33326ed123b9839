import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { onScrape } from '../../metrics/on-scrape.js';
import { RedisClient } from '../../redis/redis-client.js';

const KEPT_SECONDS = 2 * 86_400;
const keyOf = (day: string) => `${KEY_PREFIX}:llm:tokens:${day}`;

/**
 * KEYS 1 tokens of the day   ARGV 1 wanted, 2 budget, 3 seconds to keep it
 * Returns 1 when they were set aside, 0 when the day has not so many left.
 */
const RESERVE = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`;

/** Tokens that were set aside for one request. */
export interface Reservation {
  readonly day: string;
  readonly tokens: number;
}

/** The tokens of a day (UTC), shared by all processes. They are set aside before a request, so that it is never more. */
@Injectable()
export class LlmBudget implements OnModuleInit {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    @InjectMetric('llm_daily_tokens_remaining') private readonly remaining: Gauge,
  ) {}

  onModuleInit(): void {
    if (!this.config.hasLlm) return;
    onScrape(this.remaining, async () => {
      const used = Number((await this.redis.get(keyOf(today()))) ?? 0);
      this.remaining.set(Math.max(0, this.budget - used));
    });
  }

  /** @throws AppError `LLM.BUDGET_SPENT`: the rules' insights stay as they are. */
  async reserve(tokens: number): Promise<Reservation> {
    const day = today();
    const isGranted = await this.redis.eval(RESERVE, 1, keyOf(day), tokens, this.budget, KEPT_SECONDS);
    if (isGranted === 1) return { day, tokens };
    throw new AppError('LLM.BUDGET_SPENT', "today's budget of tokens has not so many left");
  }

  /** What was really used takes the place of what was set aside. A process that dies before counts the whole. */
  async settle({ day, tokens }: Reservation, usedTokens: number): Promise<void> {
    if (usedTokens !== tokens) await this.redis.incrby(keyOf(day), usedTokens - tokens);
  }

  private get budget(): number {
    return this.config.LLM_DAILY_TOKEN_BUDGET;
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
