import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { GongOAuthTokens } from './gong-oauth.tokens.js';

/** How a request to Gong is signed, and where it goes. */
export interface GongAccess {
  readonly authorization: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
}

const DEFAULT_BASE_URL = new AppConfig().GONG_API_BASE_URL;

/** The credentials of Gong's API: an access key (Basic) or an OAuth app (Bearer). */
@Injectable()
export class GongCredentials {
  constructor(
    private readonly config: AppConfig,
    private readonly tokens: GongOAuthTokens,
  ) {}

  get areConfigured(): boolean {
    return this.config.GONG_ACCESS_KEY !== undefined || this.tokens.areConfigured;
  }

  /** @throws AppError `GONG.CREDENTIALS_REFUSED` or `GONG.UNAVAILABLE` when no token can be had. */
  async access(): Promise<GongAccess> {
    const { GONG_ACCESS_KEY: key, GONG_ACCESS_KEY_SECRET: secret, GONG_API_BASE_URL } = this.config;
    if (key !== undefined) {
      const basic = Buffer.from(`${key}:${secret}`).toString('base64');
      return { authorization: `Basic ${basic}`, baseUrl: withoutSlash(GONG_API_BASE_URL) };
    }
    const { accessToken, apiBaseUrl } = await this.tokens.current();
    return { authorization: `Bearer ${accessToken}`, baseUrl: this.tenantUrl(apiBaseUrl) };
  }

  /** Whether a request that was refused with 401 may be sent again, with another token. */
  async renew(refused: GongAccess): Promise<boolean> {
    if (!this.tokens.areConfigured) return false;
    const token = refused.authorization.replace(/^Bearer /, '');
    return (await this.tokens.insteadOf(token)).accessToken !== token;
  }

  /** An address that somebody configured wins; else the one that came with the token. */
  private tenantUrl(apiBaseUrl: string | null): string {
    const { GONG_API_BASE_URL } = this.config;
    return withoutSlash(
      GONG_API_BASE_URL === DEFAULT_BASE_URL ? (apiBaseUrl ?? DEFAULT_BASE_URL) : GONG_API_BASE_URL,
    );
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
