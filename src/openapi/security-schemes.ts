import type { AccessLevel } from '../access/access-request.js';

/** How a request can prove who sends it; the names are those that routes refer to. */
export const SECURITY_SCHEMES = {
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `ADMIN_TOKENS`: may do everything under `/admin`.',
  },
  readerToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `READER_TOKENS`: may listen to notifications.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'tributary_session',
    description:
      'The cookie that `POST /admin/session` gives a browser ([sign in](/admin/sign-in)). What changes something ' +
      'must come from a page of this address (`Origin`).',
  },
  gongToken: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      "Gong's signed JWT, bare or after `Bearer `: RS256 by a key of `GONG_WEBHOOK_PUBLIC_KEYS` (Gong itself), HS256 by " +
      'a secret of `GONG_WEBHOOK_SECRETS` (a relay). Claims: `webhook_url` (our address), `body_sha256` (lower-case hex ' +
      'of the exact bytes), `exp`. A token that is present must verify, whatever else the request carries.',
  },
  gongUrlKey: {
    type: 'apiKey',
    in: 'query',
    name: 'key',
    description: 'A key of `GONG_WEBHOOK_URL_KEYS` in the address; off unless configured.',
  },
  zohoSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Zoho-Signature',
    description:
      'HMAC-SHA256 of the exact bytes by a secret of `WEBHOOK_SECRETS`, as hex or base64, with or without `sha256=`. With ' +
      '`X-Webhook-Timestamp` the signed text is `<timestamp>.<body>`.',
  },
  webhookSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Webhook-Signature',
    description: 'The same signature under the name that other senders use.',
  },
} as const;

export type SecurityScheme = keyof typeof SECURITY_SCHEMES;

/** One of these proves the level. */
export const SCHEMES_OF_LEVEL: Readonly<Record<AccessLevel, readonly SecurityScheme[]>> = {
  admin: ['adminToken', 'session'],
  reader: ['readerToken', 'adminToken', 'session'],
};
