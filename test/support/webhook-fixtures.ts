import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../fixtures/webhooks');
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The channel and token in the fixtures of `zoho/`. */
export const FIXTURE_CHANNEL = '2000000071001:tributary.tests.0f9e8d7c6b5a49382716f5e4d3c2b1a0';
export const FIXTURE_SECRET = 'the-secret-of-the-fixtures-of-32-characters';

/** A webhook body in the shape of captured ones, with invented values. */
export interface WebhookFixture {
  /** `gong/call.json`. */
  readonly name: string;
  readonly body: Buffer;
  readonly contentType: string;
}

export function webhookFixture(name: string): WebhookFixture {
  const body = readFileSync(join(FOLDER, name));
  return { name, body, contentType: name.endsWith('.form') ? FORM_TYPE : JSON_TYPE };
}

/** All fixtures of a vendor. */
export function webhookFixtures(vendor: 'gong' | 'zoho'): WebhookFixture[] {
  return readdirSync(join(FOLDER, vendor))
    .sort()
    .map((file) => webhookFixture(`${vendor}/${file}`));
}

/** The headers with which a Deluge function posts a body. */
export function fixtureSignature(body: Buffer): Record<string, string> {
  return { 'x-zoho-signature': createHmac('sha256', FIXTURE_SECRET).update(body).digest('base64') };
}
