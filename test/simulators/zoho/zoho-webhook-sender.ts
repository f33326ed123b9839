import { createHmac } from 'node:crypto';

export interface ZohoAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly milliseconds: number;
}

const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Posts as Zoho CRM does. Notifications carry no signature, only the channel's token in the body (Zoho CRM API
 * v8: "Notification APIs"); a Deluge function can sign with `zoho.encryption.hmacsha256`, which makes base64
 * unless told otherwise (Zoho Deluge: "Encryption functions").
 */
export class ZohoWebhookSender {
  constructor(private readonly url: string) {}

  /** A notification, or anything else that proves itself by what is in its body. */
  send(body: string, headers: Readonly<Record<string, string>> = {}): Promise<ZohoAnswer> {
    return this.post(body, headers);
  }

  /** A body signed by a Deluge function, with a signed timestamp. */
  sendSigned(body: string, secret: string): Promise<ZohoAnswer> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('base64');
    return this.post(body, { 'x-zoho-signature': signature, 'x-webhook-timestamp': timestamp });
  }

  private async post(body: string, headers: Readonly<Record<string, string>>): Promise<ZohoAnswer> {
    const startedAt = performance.now();
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const answer = await response.json();
    return { status: response.status, body: answer, milliseconds: performance.now() - startedAt };
  }
}
