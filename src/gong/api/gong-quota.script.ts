/**
 * One token for one request, for all processes in one step. Times are Redis's own, so that clocks of hosts
 * do not matter.
 *
 * KEYS: 1 gate (hash: `free` the time of the next evenly spaced token, `paused` until when, `live` until when the
 *       others let live requests pass), 2 the times of the last tokens (list, newest first), 3 tokens of the last 24
 *       hours (hash: `<hour>:<purpose>`)
 * ARGV: 1 ms between tokens, 2 burst, 3 most tokens in a window, 4 ms of the window, 5 budget, 6 the part of it that
 *       is reconciliation's, no less and no more, 7 purpose
 * Returns {1, 0, '', budget left}, or {0, ms to wait, reason, budget left}.
 *
 * Even spacing alone lets a burst through, and a window alone lets three go at once and then nothing for a
 * second: both hold. The day has no known boundary at Gong, so any 24 hours count, in buckets of an hour.
 * A live request that has to wait takes the next token before reconciliation does, however many of those wait.
 */
export const TAKE_TOKEN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local spacing, burst, most, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local budget, reserve, purpose = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local HOUR, DAY = 3600000, 86400000

local spent, reconciled = 0, 0
local oldest = {}
local first = math.floor((now - DAY) / HOUR)
local counts = redis.call('HGETALL', KEYS[3])
for index = 1, #counts, 2 do
  local hour, kind = string.match(counts[index], '^(%d+):(%a+)$')
  hour = tonumber(hour)
  if hour < first then
    redis.call('HDEL', KEYS[3], counts[index])
  else
    local count = tonumber(counts[index + 1])
    spent = spent + count
    if kind == 'reconciliation' then reconciled = reconciled + count end
    for _, name in ipairs({'all', kind}) do
      if oldest[name] == nil or hour < oldest[name] then oldest[name] = hour end
    end
  end
end
local left = math.max(0, budget - spent)

local paused = tonumber(redis.call('HGET', KEYS[1], 'paused') or '0')
if paused > now then return {0, paused - now, 'paused', left} end

local function freed(hour) return ((hour or math.floor(now / HOUR)) + 1) * HOUR + DAY - now end
if purpose == 'live' then
  if spent + math.max(0, reserve - reconciled) >= budget then return {0, freed(oldest.all), 'budget', left} end
else
  if reconciled >= reserve then return {0, freed(oldest.reconciliation), 'share', left} end
  if spent >= budget then return {0, freed(oldest.all), 'budget', left} end
end

local free = tonumber(redis.call('HGET', KEYS[1], 'free') or '0')
if free > now + spacing * burst then free = now end
local at = free - (burst - 1) * spacing
local earlier = tonumber(redis.call('LINDEX', KEYS[2], most - 1) or '0')
if earlier > 0 and earlier <= now then at = math.max(at, earlier + window) end
if purpose == 'live' then
  if at > now then redis.call('HSET', KEYS[1], 'live', string.format('%.0f', at + spacing)) end
else
  at = math.max(at, tonumber(redis.call('HGET', KEYS[1], 'live') or '0'))
end
if at > now then return {0, math.ceil(at - now), 'rate', left} end

redis.call('HSET', KEYS[1], 'free', math.max(free, now) + spacing)
redis.call('PEXPIRE', KEYS[1], math.ceil(spacing * burst + window) + 60000)
redis.call('LPUSH', KEYS[2], now)
redis.call('LTRIM', KEYS[2], 0, most - 1)
redis.call('PEXPIRE', KEYS[2], window + 60000)
redis.call('HINCRBY', KEYS[3], math.floor(now / HOUR) .. ':' .. purpose, 1)
redis.call('PEXPIRE', KEYS[3], DAY + 2 * HOUR)
return {1, 0, '', left - 1}
`;

/**
 * Nobody gets a token for some time; a pause never shortens one that is longer.
 * KEYS: 1 gate. ARGV: 1 ms.
 */
export const PAUSE_ALL = `
local time = redis.call('TIME')
local untilTime = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], 'paused') or '0') >= untilTime then return 0 end
redis.call('HSET', KEYS[1], 'paused', string.format('%.0f', untilTime))
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + 60000)
return 1
`;

/**
 * What is left in all and of reconciliation's part, and for how many ms everybody is paused.
 * KEYS: 1 gate, 2 tokens of the last 24 hours. ARGV: 1 budget, 2 reconciliation's part.
 */
export const READ_QUOTA = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local first = math.floor((now - 86400000) / 3600000)
local spent, reconciled = 0, 0
local counts = redis.call('HGETALL', KEYS[2])
for index = 1, #counts, 2 do
  local hour, kind = string.match(counts[index], '^(%d+):(%a+)$')
  if tonumber(hour) >= first then
    spent = spent + tonumber(counts[index + 1])
    if kind == 'reconciliation' then reconciled = reconciled + tonumber(counts[index + 1]) end
  end
end
local left = math.max(0, tonumber(ARGV[1]) - spent)
local share = math.min(left, math.max(0, tonumber(ARGV[2]) - reconciled))
local paused = tonumber(redis.call('HGET', KEYS[1], 'paused') or '0')
return {left, share, math.max(0, paused - now)}
`;
