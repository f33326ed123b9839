import { randomUUID } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { RulesControl, RulesReload } from '../contracts/ports/rules-control.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { blockingClient } from '../redis/blocking-client.js';
import { RedisClient } from '../redis/redis-client.js';
import { InsightRules } from './insight-rules.js';

const CHANNEL = `${KEY_PREFIX}:insight-rules:reload`;

/**
 * Reloads the rules here and in all other processes. One that Redis could not reach meanwhile reloads when its
 * connection is back, because it may have missed the word.
 */
@Injectable()
export class InsightRulesReloader implements RulesControl, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly processId = randomUUID();
  private subscription?: RedisClient;

  constructor(
    private readonly rules: InsightRules,
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(InsightRulesReloader.name) private readonly logger: PinoLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // Its own connection: one that is subscribed may do nothing else, and waits without a deadline.
    const subscription = blockingClient(this.redis);
    this.subscription = subscription;
    subscription.on('error', (error: Error) =>
      this.logger.warn({ reason: error.message }, 'insight_rules.connection'),
    );
    subscription.on('message', (_channel: string, from: string) => {
      if (from !== this.processId) this.reloadHere();
    });
    await subscription.subscribe(CHANNEL);
    subscription.on('ready', () => this.reloadHere());
  }

  beforeApplicationShutdown(): void {
    this.subscription?.disconnect();
  }

  async reload(): Promise<RulesReload> {
    const reloaded = this.rules.reload();
    await this.redis.publish(CHANNEL, this.processId);
    this.logger.info({ ...reloaded }, 'insight_rules.reloaded');
    return reloaded;
  }

  /** Nobody waits for the result: what is wrong with the files is in the log, and the old rules stay. */
  private reloadHere(): void {
    try {
      this.logger.info({ ...this.rules.reload() }, 'insight_rules.reloaded');
    } catch (error) {
      this.logger.error({ reason: (error as Error).message }, 'insight_rules.not_reloaded');
    }
  }
}
