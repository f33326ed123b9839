import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Erasure, ErasureStatus } from '../contracts/ports/erasures.port.js';
import type { ErasurePlace, PersonTrace } from '../contracts/ports/person-eraser.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';

/** Not the name of the queue: its keys are `<prefix>:erasures:<id of the job>`. */
const STATE_PREFIX = `${KEY_PREFIX}:erasure-state`;
const ALL_KEY = `${STATE_PREFIX}:all`;
const HASH_KEY = `${STATE_PREFIX}:hash-key`;
const HASH_KEY_BYTES = 32;
const COUNT = 'count:';

const erasureKey = (id: string) => `${STATE_PREFIX}:of:${id}`;
const tracesKey = (id: string) => `${STATE_PREFIX}:of:${id}:traces`;
const openKey = (addressHash: string) => `${STATE_PREFIX}:open:${addressHash}`;

/**
 * Opens an erasure, or asks an open one of the same address to look once more. KEYS: 1 open, 2 the erasure, 3 all.
 * ARGV: 1 id, 2 now in ms, 3 prefix of erasures, then the fields of the erasure. Returns the id of the open one.
 */
const OPEN = `
local open = redis.call('GET', KEYS[1])
if open then
  redis.call('HINCRBY', ARGV[3] .. open, 'requests', 1)
  return open
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'requests', 1, 'status', 'waiting', unpack(ARGV, 4))
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return ARGV[1]`;

/**
 * Ends an erasure, unless it was asked for again since it began to look. KEYS: 1 the erasure, 2 its traces, 3 open.
 * ARGV: 1 requests when it began, 2 now. Returns 1 when it is done.
 */
const CLOSE = `
if redis.call('HGET', KEYS[1], 'requests') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'email', 'problem')
redis.call('HSET', KEYS[1], 'status', 'done', 'endedAt', ARGV[2])
redis.call('DEL', KEYS[2], KEYS[3])
return 1`;

/** An erasure that is not done: whom it is about. */
export interface OpenErasure {
  readonly email: string;
  readonly addressHash: string;
  readonly traces: ReadonlySet<PersonTrace>;
  /** How often it was asked for. */
  readonly requests: string;
}

/**
 * The records of erasures in Redis. The address and what leads to a person's traces are kept until the end, because
 * without them an erasure could not go on after a crash; then only a keyed hash of the address is left, and counts.
 */
@Injectable()
export class ErasureState {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** @returns the id of this erasure, or of the one of the same address that is not done. */
  async open(email: string, by: string): Promise<string> {
    const id = `x${randomBytes(9).toString('hex')}`;
    const addressHash = await this.hashOf(email);
    const now = new Date();
    const fields = { email, addressHash, by, requestedAt: now.toISOString() };
    const opened = await this.redis.eval(
      OPEN,
      3,
      ...[openKey(addressHash), erasureKey(id), ALL_KEY],
      ...[id, now.getTime(), erasureKey('')],
      ...Object.entries(fields).flat(),
    );
    return String(opened);
  }

  /** Undefined where it is done, or was never there. */
  async load(id: string): Promise<OpenErasure | undefined> {
    const [email, addressHash, requests] = await this.redis.hmget(
      erasureKey(id),
      'email',
      'addressHash',
      'requests',
    );
    if (!email || !addressHash) return undefined;
    const traces = (await this.redis.smembers(tracesKey(id))) as PersonTrace[];
    return { email, addressHash, traces: new Set(traces), requests: requests ?? '' };
  }

  async begin(id: string): Promise<void> {
    await this.redis.multi().hset(erasureKey(id), 'status', 'running').hdel(erasureKey(id), 'problem').exec();
  }

  async addTraces(id: string, traces: readonly PersonTrace[]): Promise<void> {
    if (traces.length > 0) await this.redis.sadd(tracesKey(id), ...traces);
  }

  async count(id: string, place: ErasurePlace, counts: Readonly<Record<string, number>>): Promise<void> {
    const transaction = this.redis.multi();
    for (const [what, count] of Object.entries(counts)) {
      transaction.hincrby(erasureKey(id), `${COUNT}${place}:${what}`, count);
    }
    await transaction.exec();
  }

  async noteProblem(id: string, problem: Erasure['problem']): Promise<void> {
    await this.redis.hset(erasureKey(id), { status: 'waiting', problem: JSON.stringify(problem) });
  }

  /** @returns false where it was asked for again meanwhile: then it must look once more. */
  async close(id: string, { addressHash, requests }: OpenErasure): Promise<boolean> {
    const keys = [erasureKey(id), tracesKey(id), openKey(addressHash)];
    return (await this.redis.eval(CLOSE, keys.length, ...keys, requests, new Date().toISOString())) === 1;
  }

  async find(id: string): Promise<Erasure | undefined> {
    const fields = await this.redis.hgetall(erasureKey(id));
    const { addressHash, status, by = '', requestedAt = '', endedAt, problem } = fields;
    if (addressHash === undefined) return undefined;
    return {
      id,
      status: status as ErasureStatus,
      addressHash,
      by,
      requestedAt,
      endedAt: endedAt ?? null,
      counts: countsIn(fields),
      problem: problem === undefined ? null : (JSON.parse(problem) as Erasure['problem']),
    };
  }

  async ids(limit: number): Promise<string[]> {
    return this.redis.zrevrange(ALL_KEY, 0, limit - 1);
  }

  /** With a key that is made once: without it nobody can try addresses on the hash. */
  private async hashOf(email: string): Promise<string> {
    await this.redis.set(HASH_KEY, randomBytes(HASH_KEY_BYTES).toString('hex'), 'NX');
    const key = (await this.redis.get(HASH_KEY)) ?? '';
    return createHmac('sha256', Buffer.from(key, 'hex')).update(email).digest('hex');
  }
}

function countsIn(fields: Readonly<Record<string, string>>): Erasure['counts'] {
  const counts: Partial<Record<ErasurePlace, Record<string, number>>> = {};
  for (const [field, count] of Object.entries(fields)) {
    if (!field.startsWith(COUNT)) continue;
    const [place = '', what = ''] = field.slice(COUNT.length).split(':');
    counts[place as ErasurePlace] = { ...counts[place as ErasurePlace], [what]: Number(count) };
  }
  return counts;
}
