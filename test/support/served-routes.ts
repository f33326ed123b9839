import type { FastifyInstance } from 'fastify';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createHttpAdapter } from '../../src/intake/http-server.js';
import { RedisConnections } from '../../src/redis/redis-connections.js';
import { redisAddress } from '../../src/redis/redis-options.js';

/** `GET /admin/events/{id}` of each route that Fastify serves, and an answer of the app. */
export interface ServedApp {
  readonly routes: readonly string[];
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Starts the whole app in this process, asks, and ends it. HEAD goes with each GET and is not named. */
export async function withServedApp<T>(
  environment: Record<string, string>,
  use: (app: ServedApp) => Promise<T>,
): Promise<T> {
  const config = loadConfig(environment);
  const connections = new RedisConnections(redisAddress(config, undefined));
  await connections.connect();
  const adapter = createHttpAdapter(config);
  const routes: string[] = [];
  adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat().filter((name) => name !== 'HEAD');
    routes.push(...methods.map((name) => `${name} ${asTemplate(url)}`));
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, connections), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  try {
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const get = async (url: string) => {
      const { statusCode, body } = await app.inject({ method: 'GET', url });
      return { status: statusCode, body };
    };
    return await use({ routes: [...new Set(routes)].sort(), get });
  } finally {
    await app.close();
    await connections.close();
  }
}

function asTemplate(url: string): string {
  const path = url.replace(/:(\w+)/g, '{$1}').replace('*', '{path}');
  return path === '/' ? path : path.replace(/\/$/, '');
}
