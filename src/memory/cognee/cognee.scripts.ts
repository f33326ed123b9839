/**
 * Writes what is known of an account, if the writer still holds the account's lock: a process that was
 * suspended past its lock must not undo what its successor has done.
 *
 * KEYS: 1 lock, 2 accounts, 3 unfinished, 4 graph
 * ARGV: 1 token, 2 account, 3 what is remembered or '', 4 what is unfinished or '', 5 now in ms or '' where
 *       Cognee's documents did not change
 * Returns 1 when it was written, 0 when the lock was lost.
 */
export const WRITE_ACCOUNT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for index = 2, 3 do
  if ARGV[index + 1] == '' then redis.call('HDEL', KEYS[index], ARGV[2])
  else redis.call('HSET', KEYS[index], ARGV[2], ARGV[index + 1]) end
end
if ARGV[5] ~= '' then
  redis.call('HINCRBY', KEYS[4], 'changes', 1)
  redis.call('HSETNX', KEYS[4], 'oldestChangeMs', ARGV[5])
  redis.call('HSET', KEYS[4], 'newestChangeMs', ARGV[5])
end
return 1
`;

/**
 * The graph is built of all changes up to a number. Those that came later keep it needed.
 *
 * KEYS: 1 graph
 * ARGV: 1 number of changes, 2 now in ms
 */
export const GRAPH_BUILT = `
local built = tonumber(redis.call('HGET', KEYS[1], 'built') or '0')
local changes = tonumber(redis.call('HGET', KEYS[1], 'changes') or '0')
if tonumber(ARGV[1]) > built then redis.call('HSET', KEYS[1], 'built', ARGV[1]) end
if tonumber(ARGV[1]) >= changes then redis.call('HDEL', KEYS[1], 'oldestChangeMs')
else redis.call('HSET', KEYS[1], 'oldestChangeMs', ARGV[2]) end
return 1
`;

/** KEYS: 1 lock. ARGV: 1 token, 2 ms. Returns 1 when the lock was still ours and lives on. */
export const RENEW_LOCK = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** KEYS: 1 lock. ARGV: 1 token. */
export const RELEASE_LOCK = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
