import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { EmbeddedRedisAddress } from './service-process.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the demo reads of a message; the service publishes more. */
export interface HeardMessage {
  /** The channel it was heard on: priority channels carry the same message again. */
  readonly heardOn: string;
  readonly text: string;
  readonly id: string;
  readonly eventId: string;
  readonly priority: string;
  readonly summary: string;
  readonly callId: string;
  readonly insights: readonly {
    readonly kind: string;
    readonly evidence: readonly { readonly quote: string }[];
  }[];
}

interface Wire {
  readonly id: string;
  readonly eventId: string;
  readonly priority: string;
  readonly summary: string;
  readonly subject?: { readonly id?: string };
  readonly insights?: HeardMessage['insights'];
}

/** Listens like an agent does: a subscription to all channels under the prefix. */
export class NotificationsListener {
  readonly heard: HeardMessage[] = [];
  /** Messages that are not what the contract says. */
  readonly unreadable: string[] = [];

  private constructor(
    private readonly redis: Redis,
    readonly prefix: string,
  ) {}

  static async listen(
    environment: Environment,
    embedded: EmbeddedRedisAddress | undefined,
  ): Promise<NotificationsListener> {
    const listener = new NotificationsListener(
      connection(environment, embedded),
      environment.NOTIFICATION_PREFIX || 'sophia',
    );
    listener.redis.on('error', (error: Error) => listener.unreadable.push(`Redis: ${error.message}`));
    listener.redis.on('pmessage', (_pattern: string, channel: string, text: string) =>
      listener.hear(channel, text),
    );
    await listener.redis.psubscribe(`${listener.prefix}:*`);
    return listener;
  }

  /** The messages about these events, on all channels; another service may share the Redis. */
  about(eventIds: ReadonlySet<string>): HeardMessage[] {
    return this.heard.filter(({ eventId }) => eventIds.has(eventId));
  }

  /** Every message of a vendor's channels. */
  ofVendor(vendor: string): HeardMessage[] {
    return this.heard.filter(({ heardOn }) => heardOn.startsWith(`${this.prefix}:${vendor}:`));
  }

  close(): void {
    this.redis.disconnect();
  }

  private hear(heardOn: string, text: string): void {
    try {
      const { id, eventId, priority, summary, subject, insights } = JSON.parse(text) as Wire;
      this.heard.push({
        heardOn,
        text,
        id,
        eventId,
        priority,
        summary,
        callId: subject?.id ?? '',
        insights: insights ?? [],
      });
    } catch {
      this.unreadable.push(`${heardOn}: a message that is not JSON`);
    }
  }
}

/** The Redis the service was told to use, or else the one it started itself. */
function connection(environment: Environment, embedded: EmbeddedRedisAddress | undefined): Redis {
  const url = setting(environment, 'REDIS_URL');
  if (url !== undefined) return new Redis(url);
  const host = setting(environment, 'REDIS_HOST');
  if (host !== undefined) {
    const password = setting(environment, 'REDIS_PASSWORD');
    const port = Number(setting(environment, 'REDIS_PORT') ?? 6379);
    return new Redis({ host, port, ...(password !== undefined && { password }) });
  }
  if (embedded === undefined) throw new Error('the service told nowhere which Redis it started');
  return new Redis({ host: '127.0.0.1', port: embedded.port });
}

/** A variable or the file that `NAME_FILE` names, as the service reads it; empty counts as not set. */
function setting(environment: Environment, name: string): string | undefined {
  const path = environment[`${name}_FILE`];
  const fromFile = () => (path ? readFileSync(path, 'utf8').trim() : undefined);
  return environment[name] || fromFile();
}
