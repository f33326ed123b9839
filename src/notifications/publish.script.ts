/**
 * One notification in one step: kept under its id unless it is there already, published on its channels,
 * appended to the channel's stream. Three commands instead could tell twice, or keep what was never told.
 *
 * KEYS: 1 the message's key, 2 the channel's stream
 * ARGV: 1 message, 2 seconds to keep, 3 length of the stream, 4... channels
 * Returns 1 when it was published now, 0 when it had been before.
 */
export const PUBLISH_ONCE = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then return 0 end
for index = 4, #ARGV do redis.call('PUBLISH', ARGV[index], ARGV[1]) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'message', ARGV[1])
return 1
`;
