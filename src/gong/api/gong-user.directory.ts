import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../../contracts/ports/person-eraser.port.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { keysFrom } from '../../redis/key-scan.js';
import { RedisClient } from '../../redis/redis-client.js';
import type { GongUser } from './gong-api.answers.js';
import { GongApiClient, MOST_IDS } from './gong-api.client.js';

const KNOWN_SECONDS = 24 * 3_600;
/** Somebody Gong does not know may be known later. */
const UNKNOWN_SECONDS = 3_600;
/** Nobody could be asked: not again for every single call. */
const FAILED_SECONDS = 300;
/** Ids gather for this long before they are asked for. */
const COLLECT_MS = 100;
const UNKNOWN = 'null';

/**
 * Who works at the customer's, by Gong's user id. Kept in Redis for a day, for all processes, so that naming people
 * costs next to no quota; users are asked for together.
 */
@Injectable()
@ErasesPersons('gong-users')
export class GongUserDirectory implements PersonEraser {
  private wanted = new Set<string>();
  /** The request that brings a user, by id, until it is answered. */
  private readonly asked = new Map<string, Promise<void>>();
  private next?: Promise<void>;
  private last?: Promise<void>;

  constructor(
    private readonly client: GongApiClient,
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(GongUserDirectory.name) private readonly logger: PinoLogger,
  ) {}

  /** The users that are known, by id. A name is not worth a failure: without an answer it is just missing. */
  async find(userIds: readonly string[]): Promise<Map<string, GongUser>> {
    const ids = [...new Set(userIds)];
    if (ids.length === 0) return new Map();
    try {
      const { users, unseen } = await this.remembered(ids);
      if (unseen.length === 0) return users;
      await this.ask(unseen);
      return (await this.remembered(ids)).users;
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'gong.users_not_known');
      return new Map();
    }
  }

  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    let users = 0;
    for await (const keys of keysFrom(this.redis, userKey(''), 'string')) {
      const texts = await this.redis.mget(keys);
      const hers = keys.filter((_key, place) => person.isNamedIn(texts[place] ?? ''));
      if (hers.length > 0) users += await this.redis.del(...hers);
    }
    return { users };
  }

  private async remembered(
    ids: readonly string[],
  ): Promise<{ users: Map<string, GongUser>; unseen: string[] }> {
    const texts = await this.redis.mget(ids.map(userKey));
    const users = new Map<string, GongUser>();
    const unseen: string[] = [];
    for (const [index, id] of ids.entries()) {
      const text = texts[index] ?? null;
      if (text === null) unseen.push(id);
      else if (text !== UNKNOWN) users.set(id, JSON.parse(text) as GongUser);
    }
    return { users, unseen };
  }

  /** Each user once, however many wait for it; never rejects. */
  private async ask(ids: readonly string[]): Promise<void> {
    const unasked = ids.filter((id) => !this.asked.has(id));
    if (unasked.length > 0) {
      this.next ??= this.askWanted(this.last);
      this.last = this.next;
      for (const id of unasked) {
        this.wanted.add(id);
        this.asked.set(id, this.next);
      }
    }
    await Promise.all(ids.flatMap((id) => this.asked.get(id) ?? []));
  }

  private async askWanted(before: Promise<void> | undefined): Promise<void> {
    await before;
    await sleep(COLLECT_MS);
    const ids = [...this.wanted];
    this.wanted = new Set();
    this.next = undefined;
    for (let start = 0; start < ids.length; start += MOST_IDS) {
      await this.askSome(ids.slice(start, start + MOST_IDS));
    }
    for (const id of ids) this.asked.delete(id);
  }

  private async askSome(ids: readonly string[]): Promise<void> {
    try {
      await this.remember(ids, await this.client.usersById(ids), UNKNOWN_SECONDS);
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'gong.users_not_known');
      await this.remember(ids, [], FAILED_SECONDS).catch(() => this.logger.warn('gong.users_not_kept'));
    }
  }

  private async remember(
    ids: readonly string[],
    users: readonly GongUser[],
    unknownSeconds: number,
  ): Promise<void> {
    const known = new Map(users.map((user) => [user.id, user]));
    const pipeline = this.redis.pipeline();
    for (const id of ids) {
      const user = known.get(id);
      if (user === undefined) pipeline.set(userKey(id), UNKNOWN, 'EX', unknownSeconds);
      else pipeline.set(userKey(id), JSON.stringify(user), 'EX', KNOWN_SECONDS);
    }
    await pipeline.exec();
  }
}

function userKey(id: string): string {
  return `${KEY_PREFIX}:gong:user:${id}`;
}
