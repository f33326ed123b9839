import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import type { AppConfig } from './config/app-config.js';
import { ConfigError } from './config/config-error.js';
import { configSummary } from './config/config-summary.js';
import { readConfig } from './config/load-config.js';
import { Lifecycle } from './health/lifecycle.js';
import { createHttpAdapter } from './intake/http-server.js';
import { RequestHooks } from './intake/request-hooks.js';
import { EmbeddedRedis } from './redis/embedded/embedded-redis.js';
import { RedisConnections } from './redis/redis-connections.js';
import { durabilityWarnings } from './redis/redis-durability.js';
import { redisAddress } from './redis/redis-options.js';

/** sysexits.h EX_CONFIG: restarting does not help, the configuration must change. */
const EXIT_CONFIG = 78;
const CONTEXT = 'main';

interface Service {
  readonly config: AppConfig;
  readonly app: NestFastifyApplication;
  readonly connections: RedisConnections;
  readonly embeddedRedis?: EmbeddedRedis;
  readonly logger: Logger;
}

async function start(): Promise<Service> {
  const config = await readConfig(process.env);
  const embeddedRedis = config.usesEmbeddedRedis ? await EmbeddedRedis.start(config.DATA_DIR) : undefined;
  const connections = new RedisConnections(redisAddress(config, embeddedRedis?.url));
  await connect(connections);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, connections),
    createHttpAdapter(config),
    { bufferLogs: true, bodyParser: false, abortOnError: false },
  );
  const logger = app.get(Logger);
  app.useLogger(logger);
  const lifecycle = app.get(Lifecycle);
  app.get(RequestHooks).install(app.getHttpAdapter().getInstance(), () => lifecycle.state === 'draining');
  logger.log({ msg: 'service.configured', config: configSummary(config) }, CONTEXT);
  if (embeddedRedis !== undefined) {
    const { url, pid, adopted } = embeddedRedis;
    logger.log({ msg: 'redis.embedded', url, pid, adopted }, CONTEXT);
  }
  await app.listen(config.PORT, config.HOST);
  lifecycle.state = 'ready';
  if (embeddedRedis === undefined) {
    for (const warning of await durabilityWarnings(connections.client)) {
      logger.warn({ msg: 'redis.may_lose_events', warning }, CONTEXT);
    }
  }
  const { ROLE: role, WAREHOUSE: warehouse } = config;
  logger.log({ msg: 'service.started', url: await app.getUrl(), role, warehouse }, CONTEXT);
  return { config, app, connections, ...(embeddedRedis !== undefined && { embeddedRedis }), logger };
}

/** Later losses of the connection are logged by whoever is refused a command; it comes back by itself. */
async function connect(connections: RedisConnections): Promise<void> {
  try {
    await connections.connect();
  } catch (error) {
    throw new Error(`Redis cannot be reached: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * First nobody is sent here any more: readiness says 503 and connections are given up while webhooks are still taken,
 * because a balancer needs seconds to notice. Then the order matters: workers finish, rows are flushed, the warehouse
 * closes, then Redis, and the embedded one last.
 */
async function stop(
  { app, connections, embeddedRedis, logger }: Service,
  delaySeconds: number,
): Promise<void> {
  app.get(Lifecycle).state = 'draining';
  logger.log({ msg: 'service.draining', delaySeconds }, CONTEXT);
  await delay(delaySeconds * 1000);
  await app.close();
  await connections.close();
  await embeddedRedis?.stop();
}

/** A person's Ctrl-C, and a process that takes no webhooks, need not wait for a balancer. */
function shutdownDelaySeconds({ ROLE, SHUTDOWN_DELAY_SECONDS }: AppConfig, signal: NodeJS.Signals): number {
  return signal === 'SIGINT' || ROLE === 'worker' ? 0 : SHUTDOWN_DELAY_SECONDS;
}

function stopOnSignal(service: Service): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    const { SHUTDOWN_TIMEOUT_SECONDS } = service.config;
    const delaySeconds = shutdownDelaySeconds(service.config, signal);
    setTimeout(
      () => {
        console.error(
          `not drained within ${SHUTDOWN_TIMEOUT_SECONDS} s; what was unfinished is taken up at the next start`,
        );
        process.exit(1);
      },
      (delaySeconds + SHUTDOWN_TIMEOUT_SECONDS) * 1000,
    ).unref();
    stop(service, delaySeconds).then(
      () => process.exit(0),
      (error: Error) => {
        console.error(`stopping failed: ${error.message}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

start().then(stopOnSignal, (error: Error) => {
  console.error(error.message);
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
});
