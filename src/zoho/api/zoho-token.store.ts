import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError, type ErrorCode } from '../../contracts/errors.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';
import { isObject, textOf } from '../zoho-values.js';
import { accountsUrlOf, isZohoApiDomain } from './zoho-data-centres.js';
import { withJitter, ZohoPatience } from './zoho-patience.js';
import { type HttpAnswer, ZohoTransport } from './zoho-transport.js';

/** An access token, and where it is to be used. */
export interface ZohoToken {
  readonly accessToken: string;
  readonly apiUrl: string;
  readonly issuedAtMs: number;
}

interface Block {
  readonly code: ErrorCode;
  readonly message: string;
}

const LOCK_POLL_MS = 50;
const DEFAULT_LIFE_SECONDS = 3600;
/** Taken off a token's life: a request must not leave with a token that ends on the way. */
const SAFETY_SECONDS = 60;

/** Deletes the lock only where it is still ours: KEYS 1 the lock; ARGV 1 our mark. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * The one access token of all processes, kept in Redis and renewed by one of them under a lock: Zoho gives ten
 * tokens in ten minutes and then none. A failed renewal is kept too, so that nobody asks again too early.
 * (zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html)
 */
@Injectable()
export class ZohoTokenStore {
  private readonly keys: { readonly token: string; readonly lock: string; readonly block: string };
  private running?: Promise<ZohoToken>;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    private readonly transport: ZohoTransport,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
  ) {
    // Other credentials are another token: after a change nobody may use the old one.
    const { ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN } = config;
    const identity = [ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN, this.accountsUrl].join('|');
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    const key = (kind: string) => `${KEY_PREFIX}:zoho:${kind}:${name}`;
    this.keys = { token: key('token'), lock: key('token-lock'), block: key('token-block') };
  }

  /** @throws AppError `ZOHO.TOKEN_*` or `ZOHO.CREDENTIALS_REFUSED`, each with its own wait. */
  async current(): Promise<ZohoToken> {
    return (await this.stored()) ?? this.renewed(undefined);
  }

  /** Another token than the one the API has just refused. */
  async insteadOf(refused: ZohoToken): Promise<ZohoToken> {
    const stored = await this.stored();
    if (stored !== undefined && stored.accessToken !== refused.accessToken) return stored;
    const ageMs = Date.now() - refused.issuedAtMs;
    if (ageMs < this.patience.tokenMinAgeMs) {
      const afterMs = withJitter(this.patience.tokenMinAgeMs - ageMs);
      throw new AppError('ZOHO.TOKEN_UNAVAILABLE', 'Zoho refuses a token that it has just given', {
        afterMs,
      });
    }
    return this.renewed(refused);
  }

  private get accountsUrl(): string {
    return this.config.ZOHO_ACCOUNTS_URL ?? accountsUrlOf(this.config.ZOHO_DC);
  }

  /** Within this process all share one renewal. */
  private renewed(refused: ZohoToken | undefined): Promise<ZohoToken> {
    this.running ??= this.renewUnderLock(refused).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async renewUnderLock(refused: ZohoToken | undefined): Promise<ZohoToken> {
    const mark = randomUUID();
    const lockMs = this.patience.requestTimeoutMs + 5_000;
    const deadline = Date.now() + lockMs;
    while ((await this.redis.set(this.keys.lock, mark, 'PX', lockMs, 'NX')) === null) {
      await pause(LOCK_POLL_MS);
      const stored = await this.stored();
      if (stored !== undefined && stored.accessToken !== refused?.accessToken) return stored;
      await this.refuseWhileBlocked();
      if (Date.now() > deadline) {
        throw new AppError('ZOHO.TOKEN_UNAVAILABLE', 'another process is renewing the token', {
          afterMs: 1_000,
        });
      }
    }
    try {
      // Somebody may have renewed it, or failed to, between our look and our lock.
      const stored = await this.stored();
      if (stored !== undefined && stored.accessToken !== refused?.accessToken) return stored;
      await this.refuseWhileBlocked();
      return await this.renew();
    } finally {
      // Without Redis it runs out by itself; what the renewal gave stands.
      await this.redis.eval(RELEASE, 1, this.keys.lock, mark).catch(() => undefined);
    }
  }

  private async renew(): Promise<ZohoToken> {
    const { ZOHO_CLIENT_ID = '', ZOHO_CLIENT_SECRET = '', ZOHO_REFRESH_TOKEN = '' } = this.config;
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: ZOHO_CLIENT_ID,
      client_secret: ZOHO_CLIENT_SECRET,
      refresh_token: ZOHO_REFRESH_TOKEN,
    });
    try {
      const answer = await this.transport.send({
        method: 'POST',
        url: `${this.accountsUrl}/oauth/v2/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      });
      return await this.keep(answer);
    } catch (error) {
      if (error instanceof AppError) await this.block(error);
      throw error;
    }
  }

  /** A 200 without a token is a failure; a 400 may be a limit. The status alone says nothing. */
  private async keep(answer: HttpAnswer): Promise<ZohoToken> {
    const body = isObject(answer.body) ? answer.body : {};
    const accessToken = textOf(body.access_token);
    if (accessToken === null) throw this.failureOf(answer.status, textOf(body.error));
    const apiUrl = this.config.ZOHO_API_URL ?? textOf(body.api_domain) ?? '';
    if (this.config.ZOHO_API_URL === undefined && !isZohoApiDomain(apiUrl)) {
      throw new AppError(
        'ZOHO.CREDENTIALS_REFUSED',
        "the token is for an API that is none of Zoho's; if it is right, set ZOHO_API_URL",
        { afterMs: this.patience.credentialsRefusedMs },
      );
    }
    const token: ZohoToken = { accessToken, apiUrl: apiUrl.replace(/\/+$/, ''), issuedAtMs: Date.now() };
    const lifeSeconds = typeof body.expires_in === 'number' ? body.expires_in : DEFAULT_LIFE_SECONDS;
    const keepMs = Math.max(1_000, (lifeSeconds - SAFETY_SECONDS) * 1000);
    await this.redis.set(this.keys.token, JSON.stringify(token), 'PX', keepMs);
    return token;
  }

  private failureOf(status: number, error: string | null): AppError {
    const { tokenThrottledMs, credentialsRefusedMs, faultMs } = this.patience;
    if (error === 'Access Denied') {
      return new AppError('ZOHO.TOKEN_THROTTLED', 'Zoho gives no more tokens for now', {
        afterMs: tokenThrottledMs,
      });
    }
    if (error !== null && status < 500) {
      return new AppError(
        'ZOHO.CREDENTIALS_REFUSED',
        `Zoho refuses the credentials (${error.slice(0, 64)})`,
        {
          afterMs: credentialsRefusedMs,
        },
      );
    }
    return new AppError('ZOHO.TOKEN_UNAVAILABLE', `the token endpoint answers ${status}`, {
      afterMs: faultMs,
    });
  }

  /** What has failed now would fail for everybody: it is not asked again before its time. */
  private async block({ code, message, retry }: AppError): Promise<void> {
    if (typeof retry !== 'object') return;
    const block: Block = { code, message };
    await this.redis.set(this.keys.block, JSON.stringify(block), 'PX', Math.max(1, retry.afterMs));
  }

  private async refuseWhileBlocked(): Promise<void> {
    const [text, leftMs] = await Promise.all([
      this.redis.get(this.keys.block),
      this.redis.pttl(this.keys.block),
    ]);
    if (text === null || leftMs <= 0) return;
    const { code, message } = JSON.parse(text) as Block;
    throw new AppError(code, message, { afterMs: withJitter(leftMs) });
  }

  private async stored(): Promise<ZohoToken | undefined> {
    const text = await this.redis.get(this.keys.token);
    return text === null ? undefined : (JSON.parse(text) as ZohoToken);
  }
}
