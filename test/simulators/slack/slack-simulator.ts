import { type Answer, HttpReceiver } from '../http-receiver.js';

export type SlackState = 'up' | 'down' | 'gone' | 'busy';

/**
 * An incoming webhook of Slack: `ok` as text for a JSON body with `text`, 400 `invalid_payload` for anything
 * else, 404 `no_service` when the webhook was removed, 429 with Retry-After beyond its rate.
 * Source: docs.slack.dev, "Sending messages using incoming webhooks" and "Rate limits".
 */
export class SlackSimulator {
  state: SlackState = 'up';
  /** Texts that were taken. */
  readonly texts: string[] = [];
  /** Requests, also those that were refused. */
  attempts = 0;

  private constructor(private readonly receiver: { current?: HttpReceiver }) {}

  static async start(): Promise<SlackSimulator> {
    const slack = new SlackSimulator({});
    slack.receiver.current = await HttpReceiver.start(({ body }) => slack.answer(body));
    return slack;
  }

  get url(): string {
    return `${this.receiver.current?.url ?? ''}/services/T000/B000/invented`;
  }

  stop(): Promise<void> {
    return this.receiver.current?.stop() ?? Promise.resolve();
  }

  private answer(body: string): Answer {
    this.attempts += 1;
    switch (this.state) {
      case 'down':
        return { status: 503, body: 'service_unavailable' };
      case 'gone':
        return { status: 404, body: 'no_service' };
      case 'busy':
        return { status: 429, headers: { 'retry-after': '1' }, body: 'rate_limited' };
      case 'up': {
        const { text } = JSON.parse(body) as { text?: unknown };
        if (typeof text !== 'string' || text === '') return { status: 400, body: 'invalid_payload' };
        this.texts.push(text);
        return { status: 200, body: 'ok' };
      }
    }
  }
}
