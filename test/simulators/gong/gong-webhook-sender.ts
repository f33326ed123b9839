import { randomBytes } from 'node:crypto';

export interface GongAnswer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly milliseconds: number;
}

export interface SentDelivery<D> {
  readonly delivery: D;
  readonly answer: GongAnswer;
}

export interface Sendable {
  readonly path: string;
  readonly body: Buffer;
  /** Empty = no `Authorization` header. */
  readonly token: string;
}

const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Posts as Gong does: JSON, the bare token in `Authorization` (no `Bearer`), an id for tracing in `x-traceid`
 * (Gong help: "Prepare your receiving application to receive a webhook: JWT header", read 2026-01).
 */
export class GongWebhookSender {
  constructor(private readonly baseUrl: string) {}

  async send({ path, body, token }: Sendable): Promise<GongAnswer> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-traceid': randomBytes(16).toString('hex'),
    };
    if (token !== '') headers.authorization = token;
    const startedAt = performance.now();
    const response = await fetch(`${this.baseUrl}${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = await response.text();
    const milliseconds = performance.now() - startedAt;
    return { status: response.status, body: jsonOrText(text), milliseconds };
  }

  /** Sends all, at most `concurrency` at once; the answers come in the order of the deliveries. */
  async sendAll<D extends Sendable>(
    deliveries: readonly D[],
    concurrency: number,
  ): Promise<SentDelivery<D>[]> {
    const sent = new Array<SentDelivery<D>>(deliveries.length);
    const remaining = deliveries.entries();
    const line = async () => {
      for (const [index, delivery] of remaining) {
        sent[index] = { delivery, answer: await this.send(delivery) };
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, line));
    return sent;
  }

  /** Sends wave after wave, so that what repeats a delivery follows it. */
  async sendInWaves<D extends Sendable & { readonly wave: number }>(
    deliveries: readonly D[],
    concurrency: number,
  ): Promise<SentDelivery<D>[]> {
    const waves = [...new Set(deliveries.map(({ wave }) => wave))].sort((left, right) => left - right);
    const sent: SentDelivery<D>[] = [];
    for (const current of waves) {
      const due = deliveries.filter(({ wave }) => wave === current);
      sent.push(...(await this.sendAll(due, concurrency)));
    }
    return sent;
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
