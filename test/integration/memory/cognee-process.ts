import type { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';
import { CogneeApi } from '../../../src/memory/cognee/cognee.api.js';
import { CogneeCleaner } from '../../../src/memory/cognee/cognee.cleaner.js';
import { CogneeDataset } from '../../../src/memory/cognee/cognee.dataset.js';
import { CogneeHttp } from '../../../src/memory/cognee/cognee.http.js';
import { CogneeMemory } from '../../../src/memory/cognee/cognee.memory.js';
import { CogneeState } from '../../../src/memory/cognee/cognee.state.js';
import { CogneeGraphBuilder } from '../../../src/memory/cognee/cognee-graph.builder.js';
import type { CogneeSettings, CognifySettings } from '../../../src/memory/cognee/cognee-settings.js';
import { RedisLock } from '../../../src/memory/cognee/redis-lock.js';

export const DATASET = 'zoho_crm_accounts';

const QUICK: CognifySettings = {
  quietMs: 20,
  longestWaitMs: 200,
  checkMs: 10,
  pollMs: 10,
  runTimeoutMs: 20_000,
  retryMs: 50,
};

export interface CogneeProcessOptions extends Partial<Omit<CogneeSettings, 'cognify'>> {
  readonly baseUrl: string;
  readonly cognify?: Partial<CognifySettings>;
}

/** A Cognee memory with everything that one process of ours has, put together as the module does. */
export class CogneeProcess {
  readonly memory: CogneeMemory;
  readonly http: CogneeHttp;
  readonly state: CogneeState;
  readonly circuit = new Gauge({
    name: 'circuit',
    help: 'circuit',
    labelNames: ['dependency'],
    registers: [],
  });
  private readonly builder: CogneeGraphBuilder;

  constructor(redis: Redis, { cognify, ...options }: CogneeProcessOptions) {
    const settings: CogneeSettings = {
      credentials: { type: 'none' },
      dataset: DATASET,
      requestTimeoutMs: 5_000,
      circuitFailures: 5,
      circuitPauseMs: 200,
      lockMs: 1_000,
      ...options,
      cognify: { ...QUICK, ...cognify },
    };
    const lock = new RedisLock(redis, settings);
    this.http = new CogneeHttp(settings, this.circuit);
    const api = new CogneeApi(this.http);
    const dataset = new CogneeDataset(api, redis, settings);
    this.state = new CogneeState(redis, lock, settings);
    const cleaner = new CogneeCleaner(api, this.state);
    this.memory = new CogneeMemory(api, dataset, this.state, cleaner);
    const logger = new PinoLogger({ pinoHttp: { level: 'silent' } });
    this.builder = new CogneeGraphBuilder(api, dataset, this.state, cleaner, lock, settings, logger);
  }

  startBuilder(): this {
    this.builder.onApplicationBootstrap();
    return this;
  }

  async stop(): Promise<void> {
    await this.builder.onApplicationShutdown();
    await this.http.onApplicationShutdown();
  }
}
