import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Gauge } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import { ZohoAccountIndex } from '../../../src/zoho/accounts/zoho-account.index.js';
import { ZohoAccountMatcher } from '../../../src/zoho/accounts/zoho-account.matcher.js';
import { ZohoAccountSource } from '../../../src/zoho/accounts/zoho-account.source.js';
import { ZohoEventRouter } from '../../../src/zoho/accounts/zoho-event.router.js';
import { ZohoApiClient } from '../../../src/zoho/api/zoho-api.client.js';
import { ZohoBackoff } from '../../../src/zoho/api/zoho-backoff.js';
import { ZohoConcurrencyGate } from '../../../src/zoho/api/zoho-concurrency.gate.js';
import { ZohoLastCall } from '../../../src/zoho/api/zoho-last-call.js';
import { ZohoLookups } from '../../../src/zoho/api/zoho-lookups.js';
import { DEFAULT_PATIENCE, type ZohoPatience } from '../../../src/zoho/api/zoho-patience.js';
import { ZohoRecordsClient } from '../../../src/zoho/api/zoho-records.client.js';
import { ZohoTokenStore } from '../../../src/zoho/api/zoho-token.store.js';
import { ZohoTransport } from '../../../src/zoho/api/zoho-transport.js';
import { ZohoTaskLedger } from '../../../src/zoho/tasks/zoho-task.ledger.js';
import { ZohoTaskWriter } from '../../../src/zoho/tasks/zoho-task.writer.js';
import { ZohoUserDirectory } from '../../../src/zoho/tasks/zoho-user.directory.js';

/** Waits short enough for a test; each of them is still waited for. */
export const SHORT_PATIENCE: ZohoPatience = {
  ...DEFAULT_PATIENCE,
  requestTimeoutMs: 5_000,
  slotWaitMs: 5_000,
  rateLimitBaseMs: 200,
  rateLimitMaxMs: 1_000,
  creditsSpentMs: 1_000,
  faultMs: 300,
  tokenThrottledMs: 600,
  credentialsRefusedMs: 600,
  tokenMinAgeMs: 0,
  taskLeaveMs: 2_000,
  taskSettleMs: 3_000,
};

/** What one process has of Zoho, put together as its module does. */
export class ZohoParts {
  readonly redis: Redis;
  readonly tokens: ZohoTokenStore;
  readonly gate: ZohoConcurrencyGate;
  readonly api: ZohoApiClient;
  readonly records: ZohoRecordsClient;
  readonly lookups: ZohoLookups;
  readonly index: ZohoAccountIndex;
  readonly source: ZohoAccountSource;
  readonly router: ZohoEventRouter;
  readonly matcher: ZohoAccountMatcher;
  readonly health: ZohoLastCall;
  readonly tasks: ZohoTaskWriter;
  readonly circuit = new Gauge({ name: 'c', help: 'c', labelNames: ['dependency'], registers: [] });
  readonly limitHits = new Counter({ name: 'l', help: 'l', labelNames: ['api'], registers: [] });
  private readonly transport: ZohoTransport;

  constructor(redisUrl: string, environment: Record<string, string>, patience: Partial<ZohoPatience> = {}) {
    const config = loadConfig(environment);
    const waits = { ...SHORT_PATIENCE, ...patience };
    const calls = new Counter({ name: 'a', help: 'a', labelNames: ['endpoint', 'status'], registers: [] });
    this.redis = new Redis(redisUrl);
    this.transport = new ZohoTransport(waits);
    this.tokens = new ZohoTokenStore(this.redis, config, this.transport, waits);
    this.gate = new ZohoConcurrencyGate(this.redis, config, waits);
    this.health = new ZohoLastCall(config);
    this.api = new ZohoApiClient(
      this.tokens,
      this.gate,
      new ZohoBackoff(this.redis, waits, this.limitHits),
      this.transport,
      config,
      this.health,
      waits,
      calls,
      this.circuit,
    );
    this.records = new ZohoRecordsClient(this.api, config, silentLogger());
    this.lookups = new ZohoLookups(this.records, waits);
    this.index = new ZohoAccountIndex(this.redis);
    this.source = new ZohoAccountSource(this.records, this.index, config);
    this.router = new ZohoEventRouter(this.lookups, this.index);
    this.matcher = new ZohoAccountMatcher(this.index);
    const ledger = new ZohoTaskLedger(this.redis);
    const users = new ZohoUserDirectory(this.api, silentLogger());
    this.tasks = new ZohoTaskWriter(this.api, this.records, this.lookups, users, ledger, config, waits);
  }

  async circuitState(): Promise<number | undefined> {
    return (await this.circuit.get()).values[0]?.value;
  }

  async close(): Promise<void> {
    await this.transport.onApplicationShutdown();
    this.redis.disconnect();
  }
}

export function silentLogger(): PinoLogger {
  return new PinoLogger({ pinoHttp: { level: 'silent' } });
}
