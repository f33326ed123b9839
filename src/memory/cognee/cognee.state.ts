import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../contracts/errors.js';
import type { MemoryStats } from '../../contracts/ports/memory.port.js';
import { RedisClient } from '../../redis/redis-client.js';
import { withRedis } from '../memory-errors.js';
import { MEMORY_KEY } from '../memory-keys.js';
import { CogneeSettings } from './cognee-settings.js';
import { GRAPH_BUILT, WRITE_ACCOUNT } from './cognee.scripts.js';
import { RedisLock } from './redis-lock.js';

/** What Cognee holds of an account. */
export interface RememberedAccount {
  readonly dataId: string;
  readonly fingerprint: string;
  readonly accountName: string;
  /** Which change of the dataset brought it: it can be found when the graph holds so many changes. */
  readonly change: number;
  /** Not noted by older releases. */
  readonly rememberedAtMs?: number;
}

/** A document of Cognee that another has replaced. */
export interface SurplusDocument {
  readonly dataId: string;
  /** It goes when the graph holds so many changes, and so its successor: until then it is what is found. */
  readonly until: number;
}

/** What was begun and may have to be cleaned up by the next who works on the account. */
export interface UnfinishedWork {
  /** Uploads of which no answer was seen: they may or may not be in Cognee. */
  readonly uploads: readonly { readonly name: string; readonly startedAtMs: number }[];
  readonly surplus: readonly SurplusDocument[];
}

export interface AccountState {
  readonly account: RememberedAccount | null;
  readonly unfinished: UnfinishedWork;
}

/** How far the graph is behind the documents. */
export interface GraphNeed {
  readonly changes: number;
  readonly built: number;
  readonly oldestChangeMs: number;
  readonly newestChangeMs: number;
}

/** An account's state, held by one worker over all processes. */
export interface HeldAccount {
  readonly datasetId: string;
  read(): Promise<AccountState>;
  /**
   * @param documentsChanged whether Cognee's graph has to be built anew.
   * @throws AppError `MEMORY.BUSY` when another has taken over.
   */
  write(state: AccountState, documentsChanged: boolean): Promise<void>;
}

export const NOTHING_UNFINISHED: UnfinishedWork = { uploads: [], surplus: [] };

/** How long to wait for an account, in lives of a lock: longer than a dead holder's lives. */
const WAIT_LOCK_LIVES = 1.5;
const BUSY_RETRY_MS = 1_000;

/**
 * What we know of Cognee's documents, in Redis. Kept apart for each dataset id, so that a Cognee that was set
 * up anew is filled anew.
 */
@Injectable()
export class CogneeState {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly lock: RedisLock,
    @Inject(CogneeSettings) private readonly settings: CogneeSettings,
  ) {}

  /** The accounts with unfinished work. */
  async unfinishedAccounts(datasetId: string): Promise<string[]> {
    return withRedis(() => this.redis.hkeys(keyOf(datasetId, 'unfinished')));
  }

  /** Works on an account while nobody else does, in no process. */
  async holding<T>(
    datasetId: string,
    accountId: string,
    work: (held: HeldAccount) => Promise<T>,
  ): Promise<T> {
    const lockKey = `${keyOf(datasetId, 'lock')}:${accountId}`;
    const waitMs = WAIT_LOCK_LIVES * this.settings.lockMs;
    const done = await this.lock.holding(lockKey, waitMs, async (token) => {
      const result = await work({
        datasetId,
        read: () => this.read(datasetId, accountId),
        write: (state, documentsChanged) =>
          this.write({ datasetId, accountId, lockKey, token }, state, documentsChanged),
      });
      return { result };
    });
    if (done === undefined) throw busy();
    return done.result;
  }

  /** What is remembered of these accounts; null for one that is not known. */
  async accounts(datasetId: string, accountIds: readonly string[]): Promise<(RememberedAccount | null)[]> {
    if (accountIds.length === 0) return [];
    const texts = await withRedis(() => this.redis.hmget(keyOf(datasetId, 'accounts'), ...accountIds));
    return texts.map((text) => parsed<RememberedAccount>(text));
  }

  /** The accounts of which something is remembered. */
  async accountIds(datasetId: string): Promise<string[]> {
    return withRedis(() => this.redis.hkeys(keyOf(datasetId, 'accounts')));
  }

  async stats(datasetId: string): Promise<MemoryStats> {
    return withRedis(async () => {
      const [documents, newestChangeMs] = await Promise.all([
        this.redis.hlen(keyOf(datasetId, 'accounts')),
        this.redis.hget(keyOf(datasetId, 'graph'), 'newestChangeMs'),
      ]);
      const lastRememberedAt =
        newestChangeMs === null ? null : new Date(Number(newestChangeMs)).toISOString();
      return { documents, lastRememberedAt };
    });
  }

  async graphNeed(datasetId: string): Promise<GraphNeed> {
    const graph = await withRedis(() => this.redis.hgetall(keyOf(datasetId, 'graph')));
    const number = (field: string) => Number(graph[field] ?? 0);
    return {
      changes: number('changes'),
      built: number('built'),
      oldestChangeMs: number('oldestChangeMs'),
      newestChangeMs: number('newestChangeMs'),
    };
  }

  /** The graph holds the first so many changes. */
  async graphBuilt(datasetId: string, changes: number): Promise<void> {
    await withRedis(() => this.redis.eval(GRAPH_BUILT, 1, keyOf(datasetId, 'graph'), changes, Date.now()));
  }

  private async read(datasetId: string, accountId: string): Promise<AccountState> {
    const [account, unfinished] = await withRedis(() =>
      Promise.all([
        this.redis.hget(keyOf(datasetId, 'accounts'), accountId),
        this.redis.hget(keyOf(datasetId, 'unfinished'), accountId),
      ]),
    );
    return {
      account: parsed<RememberedAccount>(account),
      unfinished: parsed<UnfinishedWork>(unfinished) ?? NOTHING_UNFINISHED,
    };
  }

  private async write(
    place: { datasetId: string; accountId: string; lockKey: string; token: string },
    { account, unfinished }: AccountState,
    documentsChanged: boolean,
  ): Promise<void> {
    const { datasetId, accountId, lockKey, token } = place;
    const keys = ['accounts', 'unfinished', 'graph'].map((name) => keyOf(datasetId, name));
    const written = await withRedis(() =>
      this.redis.eval(
        WRITE_ACCOUNT,
        4,
        lockKey,
        ...keys,
        token,
        accountId,
        account === null ? '' : JSON.stringify(account),
        isNothing(unfinished) ? '' : JSON.stringify(unfinished),
        documentsChanged ? Date.now() : '',
      ),
    );
    if (written !== 1) throw busy();
  }
}

export function isNothing({ uploads, surplus }: UnfinishedWork): boolean {
  return uploads.length === 0 && surplus.length === 0;
}

function keyOf(datasetId: string, name: string): string {
  return `${MEMORY_KEY}:cognee:${datasetId}:${name}`;
}

function parsed<T>(text: string | null | undefined): T | null {
  return typeof text === 'string' ? (JSON.parse(text) as T) : null;
}

function busy(): AppError {
  return new AppError('MEMORY.BUSY', 'another worker is at this account', { afterMs: BUSY_RETRY_MS });
}
