import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';
import type { AccessIdentity } from './access-request.js';
import { BearerTokenCredential } from './bearer-token.credential.js';

export const SESSION_SECONDS = 12 * 3_600;
const ID_BYTES = 32;

interface StoredSession extends Pick<AccessIdentity, 'name' | 'level'> {
  readonly tokenFingerprint: string;
}

/**
 * Sessions of people with a browser, over all processes. Kept under the hash of their id, so that who reads Redis
 * cannot use them; one ends with its token, when that is changed or taken away.
 */
@Injectable()
export class Sessions {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly tokens: BearerTokenCredential,
  ) {}

  /** @param token one that was proven. @returns the id, a secret. */
  async begin({ name, level }: AccessIdentity, token: string): Promise<string> {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const session: StoredSession = { name, level, tokenFingerprint: this.tokens.fingerprintOf(token) };
    await this.redis.set(keyOf(id), JSON.stringify(session), 'EX', SESSION_SECONDS);
    return id;
  }

  async find(id: string): Promise<AccessIdentity | undefined> {
    const text = await this.redis.get(keyOf(id));
    if (text === null) return undefined;
    const { name, level, tokenFingerprint } = JSON.parse(text) as StoredSession;
    return this.tokens.isInUse(tokenFingerprint) ? { name, level, credential: 'session' } : undefined;
  }

  async end(id: string): Promise<void> {
    await this.redis.del(keyOf(id));
  }
}

function keyOf(id: string): string {
  return `${KEY_PREFIX}:session:${createHash('sha256').update(id).digest('hex')}`;
}
