import { createHash } from 'node:crypto';
import type { RedisClient } from '../redis/redis-client.js';

/**
 * One notification in one step: kept under its id unless it is there already, published on its channels,
 * appended to their streams, and left for the alerts it is due. Several commands instead could tell twice,
 * or keep what was never told.
 *
 * `told` is what agents know of one change: a field for each piece of news, and for each series of messages
 * the id of the last. A message of a series names the one before it, which only this script can know.
 *
 * KEYS  1 the message's key, 2 `told`, 3 the alerts' outbox, 4... one stream for each channel
 * ARGV  1 message (a JSON object), 2 its id, 3 seconds to keep it, 4 seconds to keep `told`,
 *       5 length of the streams, 6 field of its series or '', 7 names of its alert targets (JSON) or '',
 *       8 number of channels, then the channels, then the fields of its news
 * Returns 1 when it was published now, 0 when it held no news.
 */
const PUBLISH_ONCE = `
local channels = tonumber(ARGV[8])
local firstNews = 9 + channels
local isNews = false
for index = firstNews, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[index]) == 0 then isNews = true end
end
if not isNews or redis.call('EXISTS', KEYS[1]) == 1 then return 0 end

local message = ARGV[1]
if ARGV[6] ~= '' then
  local earlier = redis.call('HGET', KEYS[2], ARGV[6])
  if earlier then message = string.sub(message, 1, -2) .. ',"supersedes":"' .. earlier .. '"}' end
  redis.call('HSET', KEYS[2], ARGV[6], ARGV[2])
end
for index = firstNews, #ARGV do redis.call('HSET', KEYS[2], ARGV[index], '') end
redis.call('EXPIRE', KEYS[2], ARGV[4])

redis.call('SET', KEYS[1], message, 'EX', ARGV[3])
for index = 1, channels do
  redis.call('PUBLISH', ARGV[8 + index], message)
  redis.call('XADD', KEYS[3 + index], 'MAXLEN', '~', ARGV[5], '*', 'message', message)
end
if ARGV[7] ~= '' then redis.call('XADD', KEYS[3], '*', 'targets', ARGV[7], 'message', message) end
return 1
`;

const SHA1 = createHash('sha1').update(PUBLISH_ONCE).digest('hex');

export interface PublishOnce {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** Runs the script by its hash; a Redis that does not know it (new, restarted, failed over) gets its text. */
export async function publishOnce(redis: RedisClient, { keys, args }: PublishOnce): Promise<boolean> {
  try {
    return (await redis.evalsha(SHA1, keys.length, ...keys, ...args)) === 1;
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return (await redis.eval(PUBLISH_ONCE, keys.length, ...keys, ...args)) === 1;
  }
}
