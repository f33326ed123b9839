import { Redis } from 'ioredis';
import { SEEN_DAYS } from '../../../src/contracts/ports/seen-index.port.js';
import { RedisSeenIndex } from '../../../src/reconciliation/redis-seen-index.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { describeSeenIndex, landedEvent } from './seen-index-conformance.js';

const TIMES = '{tributary}:seen:gong:at';
const VERSIONS = '{tributary}:seen:gong';
const DAY_MS = 86_400_000;

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis({ appendonly: true });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function emptyIndex(): Promise<RedisSeenIndex> {
  await redis.flushdb();
  return new RedisSeenIndex(redis);
}

describeSeenIndex(RedisSeenIndex.name, emptyIndex);

describe(RedisSeenIndex.name, () => {
  it('forgets after SEEN_DAYS what was not seen again, some at each mark', async () => {
    const seen = await emptyIndex();
    const old = Array.from({ length: 120 }, (_, index) => `call:${index}`);
    await seen.mark('gong', old);
    for (const id of old) await redis.zadd(TIMES, Date.now() - (SEEN_DAYS + 1) * DAY_MS, id);
    await seen.mark('gong', ['call:new', 'call:0']);
    expect(await redis.zcard(VERSIONS)).toBe(121 - 50);
    for (let marks = 0; marks < 3; marks += 1) await seen.mark('gong', ['call:new']);
    expect([...(await seen.known('gong', [...old, 'call:new']))]).toEqual(['call:0', 'call:new']);
    expect(await redis.zcard(TIMES)).toBe(2);
  });

  it('knows after a crash of Redis what it knew before', async () => {
    const seen = await emptyIndex();
    await seen.landed(landedEvent());
    server.kill9();
    await server.restart();
    expect((await seen.known('gong', ['call:81234567890123456789'])).size).toBe(1);
    expect(await seen.lastDeliveries('gong')).toHaveLength(1);
  });
});
