import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Answer, HttpReceiver, type ReceivedRequest } from '../http-receiver.js';

const TOLERANCE_SECONDS = 300;

/**
 * A receiver as the Standard Webhooks specification 1.0.0 asks for: it takes a webhook when one signature is
 * right for `id.timestamp.body` and the timestamp is near its clock, and processes each id once.
 */
export class WebhookReceiver {
  /** What it answers instead of taking, until it is set to undefined. */
  refuseWith?: Answer;
  /** Ids in the order of the requests, refused ones included. */
  readonly ids: string[] = [];
  readonly processed = new Map<string, Record<string, unknown>>();
  private receiver?: HttpReceiver;

  private constructor(private readonly secret: string) {}

  static async start(secret: string): Promise<WebhookReceiver> {
    const webhooks = new WebhookReceiver(secret);
    webhooks.receiver = await HttpReceiver.start((request) => webhooks.answer(request));
    return webhooks;
  }

  get url(): string {
    return `${this.receiver?.url ?? ''}/hooks`;
  }

  stop(): Promise<void> {
    return this.receiver?.stop() ?? Promise.resolve();
  }

  private answer(request: ReceivedRequest): Answer {
    const id = String(request.headers['webhook-id']);
    this.ids.push(id);
    if (!this.isAuthentic(request)) return { status: 401 };
    if (this.refuseWith !== undefined) return this.refuseWith;
    if (!this.processed.has(id)) {
      this.processed.set(id, JSON.parse(request.body) as Record<string, unknown>);
    }
    return { status: 204 };
  }

  private isAuthentic({ headers, body }: ReceivedRequest): boolean {
    const timestamp = Number(headers['webhook-timestamp']);
    if (!(Math.abs(Date.now() / 1000 - timestamp) <= TOLERANCE_SECONDS)) return false;
    const key = Buffer.from(this.secret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', key).update(signed).digest();
    return String(headers['webhook-signature'])
      .split(' ')
      .filter((signature) => signature.startsWith('v1,'))
      .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'))
      .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  }
}
