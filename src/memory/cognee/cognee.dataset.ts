import { Inject, Injectable } from '@nestjs/common';
import { RedisClient } from '../../redis/redis-client.js';
import { withRedis } from '../memory-errors.js';
import { MEMORY_KEY } from '../memory-keys.js';
import { CogneeApi } from './cognee.api.js';
import { CogneeSettings } from './cognee-settings.js';

/** How soon we notice that somebody has deleted the dataset and its documents. */
const TRUSTED_FOR_MS = 60_000;

/** The id of our dataset, which Cognee gives to its name. */
@Injectable()
export class CogneeDataset {
  private known?: { id: string; untilMs: number };

  constructor(
    private readonly api: CogneeApi,
    @Inject(RedisClient) private readonly redis: RedisClient,
    @Inject(CogneeSettings) private readonly settings: CogneeSettings,
  ) {}

  get name(): string {
    return this.settings.dataset;
  }

  /** The id as Cognee has it; asked at most once a minute. */
  async id(): Promise<string> {
    if (this.known !== undefined && Date.now() < this.known.untilMs) return this.known.id;
    const id = await this.api.datasetId(this.name);
    await withRedis(() => this.redis.set(this.key, id));
    this.known = { id, untilMs: Date.now() + TRUSTED_FOR_MS };
    return id;
  }

  /** The id as it was last known to any process; null before the first use. Does not ask Cognee. */
  async lastKnownId(): Promise<string | null> {
    return withRedis(() => this.redis.get(this.key));
  }

  /** The id has turned out to be another. */
  doubt(): void {
    this.known = undefined;
  }

  private get key(): string {
    return `${MEMORY_KEY}:cognee:dataset:${this.name}`;
  }
}
