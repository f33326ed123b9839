import type { ProblemCode } from '../contracts/problems.js';

/** What a route may answer that asks Zoho. */
export const ZOHO_ERRORS: readonly ProblemCode[] = [
  'ZOHO.NOT_CONFIGURED',
  'ZOHO.CREDENTIALS_REFUSED',
  'ZOHO.FORBIDDEN',
  'ZOHO.REQUEST_REFUSED',
  'ZOHO.RATE_LIMITED',
  'ZOHO.CREDITS_SPENT',
  'ZOHO.BUSY',
  'ZOHO.UNAVAILABLE',
  'ZOHO.TOKEN_THROTTLED',
  'ZOHO.TOKEN_UNAVAILABLE',
];

/** What a route may answer that asks Gong. */
export const GONG_ERRORS: readonly ProblemCode[] = [
  'GONG.RATE_LIMITED',
  'GONG.UNAVAILABLE',
  'GONG.CREDENTIALS_REFUSED',
  'GONG.SCOPE_MISSING',
  'GONG.REQUEST_REFUSED',
  'GONG.CURSOR_EXPIRED',
];
