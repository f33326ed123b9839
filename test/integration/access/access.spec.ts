import { Controller, Get, Injectable, Module, Req } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import {
  AccessCredential,
  type AccessCredentialOf,
  type CredentialResult,
} from '../../../src/access/access-credential.js';
import type { AccessRequest, GrantedRequest } from '../../../src/access/access-request.js';
import { AccessModule } from '../../../src/access/access.module.js';
import { AdminOnly } from '../../../src/access/admin-only.decorator.js';
import { ReaderOnly } from '../../../src/access/reader-only.decorator.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { createHttpAdapter } from '../../../src/intake/http-server.js';
import { ProblemFilter } from '../../../src/intake/problem.filter.js';
import { LoggingModule } from '../../../src/logging/logging.module.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { RedisModule } from '../../../src/redis/redis.module.js';
import { startRedis } from '../../support/redis-server.js';

const ADMIN = 'admin-token-of-more-than-32-characters';
const READER = 'reader-token-of-more-than-32-characters';

@Controller('desk')
class DeskController {
  @Get('admin')
  @AdminOnly()
  admin(@Req() { access }: GrantedRequest) {
    return access;
  }

  @Get('reader')
  @ReaderOnly()
  reader(@Req() { access }: GrantedRequest) {
    return access;
  }
}

/** What the operator's desk will add: a session, proven by a cookie. */
@Injectable()
@AccessCredential({ order: 2 })
class SessionCredential implements AccessCredentialOf {
  canProve(): boolean {
    return true;
  }

  async check({ headers: { cookie } }: AccessRequest): Promise<CredentialResult> {
    if (cookie === undefined) return { type: 'absent' };
    if (cookie !== 'session=right') return { type: 'wrong' };
    return { type: 'proven', identity: { name: 'ann', level: 'admin', credential: 'session' } };
  }
}

@Module({ controllers: [DeskController] })
class DeskModule {}

@Module({ controllers: [DeskController], providers: [SessionCredential] })
class DeskWithSessionsModule {}

describe('access by token', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let connections: RedisConnections;
  const apps: NestFastifyApplication[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    connections = new RedisConnections({
      host: '127.0.0.1',
      port: server.port,
    });
    await connections.connect();
  });
  beforeEach(() => redis.flushdb());
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));
  afterAll(async () => {
    await connections.close();
    redis.disconnect();
    await server.stop();
  });

  async function desk(environment: Record<string, string>, module = DeskModule) {
    const config = loadConfig(environment);
    const testing = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        LoggingModule.with('silent'),
        RedisModule.with(connections),
        AccessModule,
        module,
      ],
      providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
    }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(createHttpAdapter(config), {
      logger: false,
      bodyParser: false,
    });
    await app.init();
    apps.push(app);
    return async (path: string, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') => {
      const answer = await app.inject({ method: 'GET', url: `/desk/${path}`, headers, remoteAddress });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.json<Record<string, unknown>>(),
      };
    };
  }

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const BOTH = { ADMIN_TOKENS: `ann:${ADMIN}`, READER_TOKENS: `bot:${READER}` };

  it('answers 403 and says why, while no token is configured', async () => {
    const get = await desk({});
    for (const path of ['admin', 'reader']) {
      const answer = await get(path, bearer(ADMIN));
      expect(answer).toMatchObject({ status: 403, body: { code: 'ACCESS.NOT_CONFIGURED' } });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(String(answer.body.detail)).toContain('ADMIN_TOKENS');
    }
  });

  it('lets admins everywhere and readers read, by their names', async () => {
    const get = await desk(BOTH);
    const ann = { name: 'ann', level: 'admin', credential: 'bearer' };
    const bot = { name: 'bot', level: 'reader', credential: 'bearer' };
    expect(await get('admin', bearer(ADMIN))).toMatchObject({ status: 200, body: ann });
    expect(await get('reader', bearer(ADMIN))).toMatchObject({ status: 200, body: ann });
    expect(await get('reader', bearer(READER))).toMatchObject({ status: 200, body: bot });
    expect(await get('admin', bearer(READER))).toMatchObject({
      status: 403,
      body: { code: 'ACCESS.FORBIDDEN' },
    });
  });

  it('has no admin without admin tokens, whatever readers there are', async () => {
    const get = await desk({ READER_TOKENS: `bot:${READER}` });
    expect(await get('admin', bearer(READER))).toMatchObject({ body: { code: 'ACCESS.NOT_CONFIGURED' } });
  });

  it.each([
    ['no token', {}],
    ['a wrong token', bearer('wrong-token-of-more-than-32-characters')],
    ['a part of the token', bearer(ADMIN.slice(0, -1))],
    ['the token with its name', bearer(`ann:${ADMIN}`)],
    ['another scheme', { authorization: `Basic ${ADMIN}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('answers 401 to %s', async (_what, headers) => {
    const answer = await (await desk(BOTH))('admin', headers);
    expect(answer).toMatchObject({ status: 401, body: { code: 'ACCESS.DENIED' } });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('does not look for a token in the query', async () => {
    const get = await desk(BOTH);
    expect(await get(`reader?token=${READER}&access_token=${READER}`)).toMatchObject({ status: 401 });
  });

  it('answers 429 after too many failures of one address, even to the right token, and nobody else', async () => {
    const get = await desk(BOTH);
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_item, index) => get('admin', bearer(`${index}`))),
    );
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(20);
    const blocked = await get('admin', bearer(ADMIN));
    expect(blocked).toMatchObject({ status: 429, body: { code: 'ACCESS.TOO_MANY_FAILURES' } });
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    expect(await get('admin', bearer(ADMIN), '192.0.2.2')).toMatchObject({ status: 200 });
  });

  it('lets the address in again when the time is over', async () => {
    const get = await desk(BOTH);
    for (let index = 0; index < 21; index += 1) await get('admin', bearer('wrong'));
    const [key] = await redis.keys('*access:failures*');
    expect(await redis.pttl(key ?? '')).toBeGreaterThan(0);
    await redis.del(key ?? '');
    expect(await get('admin', bearer(ADMIN))).toMatchObject({ status: 200 });
  });

  it('takes a second credential, and never falls through to it from a wrong first', async () => {
    const get = await desk(BOTH, DeskWithSessionsModule);
    expect(await get('admin', { cookie: 'session=right' })).toMatchObject({
      status: 200,
      body: { name: 'ann', credential: 'session' },
    });
    expect(await get('admin', { cookie: 'session=wrong' })).toMatchObject({ status: 401 });
    expect(await get('admin', { cookie: 'session=right', ...bearer('wrong') })).toMatchObject({
      status: 401,
    });
  });
});
