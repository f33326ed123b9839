import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Gauge } from 'prom-client';
import { loadConfig } from '../../src/config/load-config.js';
import { GongApiClient } from '../../src/gong/api/gong-api.client.js';
import { DEFAULT_TIMINGS, type GongApiTimings } from '../../src/gong/api/gong-api.timings.js';
import { GongApiTransport } from '../../src/gong/api/gong-api.transport.js';
import { GongBreaker } from '../../src/gong/api/gong-breaker.js';
import { GongCallLog } from '../../src/gong/api/gong-call-log.js';
import { GongCallLookup } from '../../src/gong/api/gong-call.lookup.js';
import { GongCredentials } from '../../src/gong/api/gong-credentials.js';
import { GongHealthCheck } from '../../src/gong/api/gong-health.check.js';
import { GongOAuthTokens } from '../../src/gong/api/gong-oauth.tokens.js';
import { GongQuotaGate } from '../../src/gong/api/gong-quota.gate.js';
import { GongUserDirectory } from '../../src/gong/api/gong-user.directory.js';
import { GongEnricher } from '../../src/gong/gong-enricher.js';

const silent = () => new PinoLogger({ pinoHttp: { level: 'silent' } });

/** All that asks Gong's API, as one process has it; several kits on one Redis are several processes. */
export class GongApiKit {
  readonly calls = new Counter({ name: 'c', help: 'c', labelNames: ['endpoint', 'status'], registers: [] });
  readonly limitHits = new Counter({ name: 'l', help: 'l', labelNames: ['api'], registers: [] });
  readonly circuit = new Gauge({ name: 's', help: 's', labelNames: ['dependency'], registers: [] });
  readonly budget = new Gauge({ name: 'b', help: 'b', registers: [] });
  readonly gate: GongQuotaGate;
  readonly transport: GongApiTransport;
  readonly client: GongApiClient;
  readonly lookup: GongCallLookup;
  readonly users: GongUserDirectory;
  readonly enricher: GongEnricher;
  readonly health: GongHealthCheck;
  private readonly redis: Redis;

  constructor(
    redisUrl: string,
    environment: Record<string, string>,
    { tokenUrl, ...shorter }: Partial<GongApiTimings> & { readonly tokenUrl?: string } = {},
  ) {
    const timings = { ...DEFAULT_TIMINGS, ...shorter };
    const config = loadConfig(environment);
    this.redis = new Redis(redisUrl);
    this.gate = new GongQuotaGate(this.redis, config);
    const tokens = new GongOAuthTokens(this.redis, config, this.calls, tokenUrl);
    const credentials = new GongCredentials(config, tokens);
    const breaker = new GongBreaker(this.circuit, silent(), timings);
    const log = new GongCallLog(this.redis, silent());
    this.transport = new GongApiTransport(
      config,
      credentials,
      this.gate,
      breaker,
      log,
      this.calls,
      this.limitHits,
      silent(),
      timings,
    );
    this.client = new GongApiClient(this.transport);
    this.lookup = new GongCallLookup(this.client, this.transport, config, timings);
    this.users = new GongUserDirectory(this.client, this.redis, silent());
    this.enricher = new GongEnricher(config, credentials, this.lookup, this.users);
    this.health = new GongHealthCheck(credentials, log, this.gate, breaker, this.budget);
  }

  /** How often an endpoint was counted with this status. */
  async counted(endpoint: string, status: string): Promise<number> {
    const { values } = await this.calls.get();
    return values.find(({ labels }) => labels.endpoint === endpoint && labels.status === status)?.value ?? 0;
  }

  async close(): Promise<void> {
    await this.transport.onApplicationShutdown();
    this.redis.disconnect();
  }
}
