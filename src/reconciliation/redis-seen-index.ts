import { Inject, Injectable } from '@nestjs/common';
import type { VendorEvent } from '../contracts/event.js';
import { SOURCE_HEADER } from '../contracts/ports/admission.port.js';
import { type LastDelivery, SEEN_DAYS, type SeenIndex } from '../contracts/ports/seen-index.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { Vendor } from '../contracts/vendor.js';
import { RedisClient } from '../redis/redis-client.js';
import { changeParts } from './change-id.js';

const DAY_MS = 86_400_000;
/** Of the oldest objects so many go with each mark, so that no mark takes long. */
const TRIMMED_AT_ONCE = 50;

/**
 * KEYS: versions by object, when each object was seen last. ARGV: now, the time before which objects are forgotten,
 * how many of those at once, then object and version in turns. A version never goes back.
 */
const MARK = `
for i = 4, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'GT', ARGV[i + 1], ARGV[i])
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[i])
end
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
if #old > 0 then
  redis.call('ZREM', KEYS[1], unpack(old))
  redis.call('ZREM', KEYS[2], unpack(old))
end
`;

const versionsKey = (vendor: Vendor) => `${KEY_PREFIX}:seen:${vendor}`;
const timesKey = (vendor: Vendor) => `${KEY_PREFIX}:seen:${vendor}:at`;
const deliveriesKey = (vendor: Vendor) => `${KEY_PREFIX}:seen:${vendor}:proofs`;

/** The seen-index in Redis: three sorted sets for each vendor, the third of the keys that proved deliveries. */
@Injectable()
export class RedisSeenIndex implements SeenIndex {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async landed({ vendor, changeId, signingKeyId, headers, replay, receivedAt }: VendorEvent): Promise<void> {
    const isDelivery = headers[SOURCE_HEADER] === undefined && replay === undefined;
    await Promise.all([
      changeId === null ? undefined : this.mark(vendor, [changeId]),
      isDelivery
        ? this.redis.zadd(deliveriesKey(vendor), 'GT', Date.parse(receivedAt), signingKeyId)
        : undefined,
    ]);
  }

  async mark(vendor: Vendor, changeIds: readonly string[]): Promise<void> {
    if (changeIds.length === 0) return;
    const now = Date.now();
    const objects = changeIds.map(changeParts).flatMap(({ object, versionMs }) => [object, versionMs]);
    const forgottenBefore = now - SEEN_DAYS * DAY_MS;
    await this.redis.eval(
      MARK,
      2,
      versionsKey(vendor),
      timesKey(vendor),
      now,
      forgottenBefore,
      TRIMMED_AT_ONCE,
      ...objects,
    );
  }

  async known(vendor: Vendor, changeIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (changeIds.length === 0) return new Set();
    const parts = changeIds.map(changeParts);
    const versions = await this.redis.zmscore(
      versionsKey(vendor),
      parts.map(({ object }) => object),
    );
    return new Set(
      changeIds.filter((_id, index) => {
        const version = versions[index];
        return typeof version === 'string' && Number(version) >= (parts[index]?.versionMs ?? 0);
      }),
    );
  }

  async lastDeliveries(vendor: Vendor): Promise<LastDelivery[]> {
    const answer = await this.redis.zrevrange(deliveriesKey(vendor), '0', '-1', 'WITHSCORES');
    const deliveries: LastDelivery[] = [];
    for (let index = 0; index < answer.length; index += 2) {
      const at = new Date(Number(answer[index + 1])).toISOString();
      deliveries.push({ signingKeyId: answer[index] ?? '', at });
    }
    return deliveries;
  }
}
