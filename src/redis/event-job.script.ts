/**
 * Reads jobs of events without their bodies, which may be megabytes. The body is cut out as text: within a JSON
 * string no quote stands without a backslash, so the marks around it are found nowhere else.
 *
 * KEYS  the hashes of jobs
 * ARGV  1 an event id or '': only jobs of this event; 2 its deduplication id, by which most others are passed over
 *       without their data
 * Returns for each job that is there: its place in KEYS, data, attempts made, reason of the last failure.
 */
export const READ_EVENT_JOBS = `
local found = {}
for index, key in ipairs(KEYS) do
  local deduplicationId = ARGV[1] ~= '' and redis.call('HGET', key, 'deid')
  local job = {}
  if not deduplicationId or deduplicationId == ARGV[2] then
    job = redis.call('HMGET', key, 'data', 'atm', 'failedReason')
  end
  local data = job[1]
  local isWanted = data and (ARGV[1] == '' or
    string.find(string.sub(data, 1, 400), '"eventId":"' .. ARGV[1] .. '"', 1, true))
  if isWanted then
    local from = string.find(data, ',"body":"', 1, true)
    local to = from and string.find(data, '","headers":{', from, true)
    if to then data = string.sub(data, 1, from - 1) .. string.sub(data, to + 1) end
    found[#found + 1] = { index, data, job[2] or '0', job[3] or '' }
  end
end
return found
`;
