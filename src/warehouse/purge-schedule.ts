import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { toAppError } from '../contracts/errors.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';
import { TableLeases } from './table-leases.js';
import { WarehouseKeeper } from './warehouse-keeper.js';

const LOOK_MS = 600_000;
const DAY_SECONDS = 86_400;
/** Lives for a day after a purge, whichever process did it. */
const DONE_KEY = `${KEY_PREFIX}:warehouse-purged`;

/** Purges once a day, in one process. What fails is logged and tried again at the next look. */
@Injectable()
export class PurgeSchedule {
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly keeper: WarehouseKeeper,
    private readonly leases: TableLeases,
    private readonly config: AppConfig,
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(PurgeSchedule.name) private readonly logger: PinoLogger,
  ) {}

  /** @param lookMs how often it is looked whether a purge is due; the first time at once. */
  start(lookMs = LOOK_MS): void {
    const { RAW_RETENTION_DAYS, HISTORY_RETENTION_DAYS, WAREHOUSE } = this.config;
    // With Snowflake parts of rows may have been left over, whatever is to be kept.
    if (RAW_RETENTION_DAYS + HISTORY_RETENTION_DAYS === 0 && WAREHOUSE === 'duckdb') return;
    const look = () => (this.running = this.running.then(() => this.purgeIfDue()));
    this.timer = setInterval(() => void look(), lookMs).unref();
    void look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async purgeIfDue(): Promise<void> {
    try {
      await this.leases.whileHeld('purge', async () => {
        if ((await this.redis.exists(DONE_KEY)) === 1) return;
        const rows = await this.keeper.purge();
        await this.redis.set(DONE_KEY, new Date().toISOString(), 'EX', DAY_SECONDS);
        this.logger.info({ rows }, 'warehouse.purged');
      });
    } catch (error) {
      const { code, message } = toAppError(error);
      this.logger.warn({ code, reason: message }, 'warehouse.not_purged');
    }
  }
}
