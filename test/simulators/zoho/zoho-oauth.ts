import { randomBytes } from 'node:crypto';
import type { SimulatorAnswer } from './zoho-errors.js';

/** What the token endpoint does besides its duty. */
export type OAuthMode =
  'works' | 'refresh token revoked' | 'throttles' | 'fails with 500' | 'foreign api_domain';

const TEN_MINUTES_MS = 600_000;

/**
 * Zoho's token endpoint (zoho.com/accounts/protocol/oauth): a refused refresh is HTTP 200 with
 * `{"error":"invalid_code"}`; ten tokens in ten minutes for one refresh token, then HTTP 400 "Access Denied"
 * for the rest of the window; a token lives an hour.
 */
export class ZohoOAuth {
  mode: OAuthMode = 'works';
  /** When the tokens of the last ten minutes were given. */
  private issuedAt: number[] = [];
  private readonly tokens = new Map<string, number>();

  constructor(
    private readonly client: { id: string; secret: string; refreshToken: string },
    private readonly apiDomain: () => string,
    private readonly tokenLifeSeconds: number,
  ) {}

  get tokensIssued(): number {
    return this.issuedAt.length;
  }

  grant(params: URLSearchParams): SimulatorAnswer {
    if (this.mode === 'fails with 500') return { status: 500, body: { error: 'server_error' } };
    this.issuedAt = this.issuedAt.filter((at) => at > Date.now() - TEN_MINUTES_MS);
    if (this.mode === 'throttles' || this.issuedAt.length >= 10) return THROTTLED;
    if (params.get('grant_type') !== 'refresh_token') return refused('unsupported_grant_type');
    if (params.get('client_id') !== this.client.id) return refused('invalid_client');
    if (params.get('client_secret') !== this.client.secret) return refused('invalid_client_secret');
    const isKnown = params.get('refresh_token') === this.client.refreshToken;
    if (!isKnown || this.mode === 'refresh token revoked') return refused('invalid_code');
    return { status: 200, body: this.newToken() };
  }

  accepts(token: string): boolean {
    return (this.tokens.get(token) ?? 0) > Date.now();
  }

  /** As if an hour had passed, or an administrator had revoked them. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  private newToken(): object {
    const token = `1000.${randomBytes(16).toString('hex')}.${randomBytes(16).toString('hex')}`;
    this.issuedAt.push(Date.now());
    this.tokens.set(token, Date.now() + this.tokenLifeSeconds * 1000);
    const isForeign = this.mode === 'foreign api_domain';
    return {
      access_token: token,
      scope: 'ZohoCRM.modules.ALL ZohoCRM.notifications.ALL ZohoCRM.coql.READ',
      api_domain: isForeign ? 'https://www.zohoapis.com.attacker.example' : this.apiDomain(),
      token_type: 'Bearer',
      expires_in: this.tokenLifeSeconds,
    };
  }
}

const THROTTLED: SimulatorAnswer = {
  status: 400,
  body: {
    error_description: 'You have made too many requests continuously. Please try again after some time.',
    error: 'Access Denied',
    status: 'failure',
  },
};

function refused(error: string): SimulatorAnswer {
  return { status: 200, body: { error } };
}
