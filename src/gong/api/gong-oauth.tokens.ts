import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { fetch } from 'undici';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { secretFingerprint } from '../../contracts/secret-compare.js';
import { RedisClient } from '../../redis/redis-client.js';
import { isJsonObject } from '../gong-call.payload.js';
import { gongFailure, gongUnavailable, GongApiError } from './gong-api.errors.js';

/** Injected where the token address is not Gong's own. */
export const GONG_TOKEN_URL = Symbol('GONG_TOKEN_URL');
const TOKEN_URL = 'https://app.gong.io/oauth2/generate-customer-token';

/** What Gong's token answer gives, and until when it holds. */
export interface GongTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The tenant's own address of the API. */
  readonly apiBaseUrl: string | null;
  readonly expiresAtMs: number;
}

interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly firstRefreshToken: string;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** A token is renewed this long before it ends, so that no request starts with one that ends under way. */
const RENEW_BEFORE_MS = 120_000;
const DEFAULT_LIFE_SECONDS = 86_400;
/** Longer than both requests that the holder may send. */
const LOCK_MS = 30_000;
const WAIT_FOR_OTHERS_MS = 12_000;
const POLL_MS = 200;
/** Deletes the lock only if it is still ours. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * OAuth tokens of Gong. A refresh gives a new refresh token, so the newest pair is kept in Redis for all processes
 * and restarts, sealed with a key made of the client secret; one process refreshes, the others wait for it
 * (Gong: POST oauth2/generate-customer-token, client authentication Basic, access tokens live a day).
 */
@Injectable()
export class GongOAuthTokens {
  private known?: GongTokens;
  private renewal?: Promise<GongTokens>;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    @InjectMetric('gong_api_calls_total') private readonly calls: Counter<'endpoint' | 'status'>,
    @Optional() @Inject(GONG_TOKEN_URL) private readonly tokenUrl: string = TOKEN_URL,
  ) {}

  get areConfigured(): boolean {
    return this.config.GONG_OAUTH_REFRESH_TOKEN !== undefined;
  }

  /** @throws AppError `GONG.CREDENTIALS_REFUSED` or `GONG.UNAVAILABLE`. */
  async current(): Promise<GongTokens> {
    if (this.known !== undefined && isFresh(this.known)) return this.known;
    return this.another(undefined);
  }

  /** After a 401 with this token: another one, which another process may have got already. */
  async insteadOf(refusedAccessToken: string): Promise<GongTokens> {
    if (this.known !== undefined && this.known.accessToken !== refusedAccessToken) return this.known;
    return this.another(refusedAccessToken);
  }

  /** At most one at a time in this process. */
  private another(refusedAccessToken: string | undefined): Promise<GongTokens> {
    this.renewal ??= this.sharedOrRenewed(refusedAccessToken)
      .catch((thrown: unknown) => {
        if (thrown instanceof AppError) throw thrown;
        throw gongUnavailable('network', 'the tokens of Gong cannot be read', thrown);
      })
      .finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async sharedOrRenewed(refusedAccessToken: string | undefined): Promise<GongTokens> {
    const app = this.appCredentials();
    const key = `${KEY_PREFIX}:gong:oauth:${secretFingerprint(app.firstRefreshToken)}`;
    const holder = randomUUID();
    const deadline = Date.now() + WAIT_FOR_OTHERS_MS;
    for (;;) {
      const shared = await this.shared(key, app);
      if (shared !== null && isUsable(shared, refusedAccessToken)) {
        return (this.known = shared);
      }
      if ((await this.redis.set(`${key}:lock`, holder, 'PX', LOCK_MS, 'NX')) === 'OK') {
        try {
          return (this.known = await this.renewed(key, app, refusedAccessToken));
        } finally {
          await this.redis.eval(RELEASE, 1, `${key}:lock`, holder);
        }
      }
      if (Date.now() > deadline) throw gongUnavailable('timeout', 'another process renews the token of Gong');
      await sleep(POLL_MS);
    }
  }

  /** A refresh token that was superseded is refused: then the configured one is the last chance. */
  private async renewed(
    key: string,
    app: AppCredentials,
    refusedAccessToken: string | undefined,
  ): Promise<GongTokens> {
    // Read again now that the lock is ours: who held it before may have renewed them.
    const shared = await this.shared(key, app);
    if (shared !== null && isUsable(shared, refusedAccessToken)) return shared;
    const candidates = [...new Set([shared?.refreshToken ?? app.firstRefreshToken, app.firstRefreshToken])];
    let refused: unknown;
    for (const refreshToken of candidates) {
      try {
        const tokens = await this.request(app, refreshToken);
        await this.redis.set(key, sealed(tokens, app.clientSecret));
        return tokens;
      } catch (error) {
        if (!(error instanceof GongApiError) || error.code !== 'GONG.CREDENTIALS_REFUSED') throw error;
        refused = error;
      }
    }
    throw refused;
  }

  private async request(app: AppCredentials, refreshToken: string): Promise<GongTokens> {
    const query = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
    const { status, body } = await this.post(`${this.tokenUrl}?${query.toString()}`, basic);
    this.calls.inc({ endpoint: 'oauth/token', status: String(status) });
    if (status >= 200 && status < 300) return tokensFrom(body, refreshToken);
    // OAuth answers 400 invalid_grant for a refresh token that does not hold.
    const failure = gongFailure(status === 400 ? 401 : status, body, undefined);
    throw failure ?? gongUnavailable('malformed', `the token address answered ${status}`);
  }

  private async post(url: string, basic: string): Promise<{ status: number; body: Json | undefined }> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      return { status: response.status, body: jsonOrNothing(text) };
    } catch (cause) {
      // The cause may name the address, which carries the refresh token: it is not passed on.
      const reason = cause instanceof Error ? cause.name : 'unknown';
      this.calls.inc({ endpoint: 'oauth/token', status: 'network' });
      throw gongUnavailable('network', `the token address of Gong cannot be reached (${reason})`);
    }
  }

  private async shared(key: string, app: AppCredentials): Promise<GongTokens | null> {
    const text = await this.redis.get(key);
    return text === null ? null : unsealed(text, app.clientSecret);
  }

  private appCredentials(): AppCredentials {
    const { GONG_OAUTH_CLIENT_ID, GONG_OAUTH_CLIENT_SECRET, GONG_OAUTH_REFRESH_TOKEN } = this.config;
    return {
      clientId: GONG_OAUTH_CLIENT_ID ?? '',
      clientSecret: GONG_OAUTH_CLIENT_SECRET ?? '',
      firstRefreshToken: GONG_OAUTH_REFRESH_TOKEN ?? '',
    };
  }
}

function isUsable(tokens: GongTokens, refusedAccessToken: string | undefined): boolean {
  return isFresh(tokens) && tokens.accessToken !== refusedAccessToken;
}

function isFresh({ expiresAtMs }: GongTokens): boolean {
  return expiresAtMs - RENEW_BEFORE_MS > Date.now();
}

function tokensFrom(body: Json | undefined, refreshToken: string): GongTokens {
  const answer = isJsonObject(body) ? body : {};
  const { access_token: accessToken, refresh_token: next, expires_in: life } = answer;
  const { api_base_url_for_customer: apiBaseUrl } = answer;
  if (typeof accessToken !== 'string') throw gongUnavailable('malformed', 'a token answer without a token');
  return {
    accessToken,
    refreshToken: typeof next === 'string' ? next : refreshToken,
    apiBaseUrl: typeof apiBaseUrl === 'string' && URL.canParse(apiBaseUrl) ? apiBaseUrl : null,
    expiresAtMs: Date.now() + (typeof life === 'number' ? life : DEFAULT_LIFE_SECONDS) * 1000,
  };
}

function jsonOrNothing(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not JSON: the caller judges by the status.
    return undefined;
  }
}

function sealingKey(clientSecret: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', clientSecret, salt, 'tributary gong oauth', 32));
}

/** AES-256-GCM; salt, nonce, tag and text in one base64. */
function sealed(tokens: GongTokens, clientSecret: string): string {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', sealingKey(clientSecret, salt), nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(tokens), 'utf8'), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), text]).toString('base64');
}

/** Null for what another client secret has sealed: then the configured refresh token counts. */
function unsealed(text: string, clientSecret: string): GongTokens | null {
  const bytes = Buffer.from(text, 'base64');
  const [salt, nonce, tag] = [bytes.subarray(0, 16), bytes.subarray(16, 28), bytes.subarray(28, 44)];
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(clientSecret, salt), nonce);
    decipher.setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(bytes.subarray(44)), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as GongTokens;
  } catch {
    return null;
  }
}
