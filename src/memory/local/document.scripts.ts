/**
 * One document in one step, so that a process that dies leaves the old or the new one. Its version is the
 * time in microseconds, and always larger than the last: also after a fail-over to a Redis that had missed
 * the last writes, every process sees every later change.
 *
 * KEYS: 1 documents, 2 changes, 3 state
 * ARGV: 1 account, 2 document
 * Returns 1 when it was stored, 0 when the very same was there.
 */
export const REMEMBER = `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('HGET', KEYS[3], 'version') or '0')
local version = string.format('%.0f', math.max(now, last + 1))
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], version, ARGV[1])
redis.call('HSET', KEYS[3], 'version', version, 'rememberedAtMs', string.format('%.0f', now / 1000))
return 1
`;

/**
 * Takes a document out. Its place in the changes stays, which is how the other processes hear of it.
 *
 * KEYS: 1 documents, 2 changes, 3 state
 * ARGV: 1 account
 */
export const FORGET = `
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[3], 'version') or '0')
local version = string.format('%.0f', math.max(time[1] * 1000000 + time[2], last + 1))
redis.call('ZADD', KEYS[2], version, ARGV[1])
redis.call('HSET', KEYS[3], 'version', version)
return 1
`;
