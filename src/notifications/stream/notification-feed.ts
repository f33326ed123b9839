import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { ALL_CHANNELS, type AnyChannelName } from '../../contracts/notification.js';
import { blockingClient } from '../../redis/blocking-client.js';
import { RedisClient } from '../../redis/redis-client.js';
import { type LogEntry, logEntry, NotificationLog } from './notification-log.js';

const BLOCK_MS = 5_000;
const BATCH = 200;
const RETRY_MS = 1_000;

export type FeedListener = (entry: LogEntry) => void;

/**
 * One loop that reads the streams of all channels, however many agents listen; it begins with the first of
 * them and keeps a connection of its own, because it waits in a blocking command.
 */
@Injectable()
export class NotificationFeed implements BeforeApplicationShutdown {
  private readonly listeners = new Set<FeedListener>();
  private started?: Promise<void>;
  private connection?: RedisClient;
  private isStopping = false;
  private positions = new Map<AnyChannelName, string>();

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly log: NotificationLog,
    @InjectPinoLogger(NotificationFeed.name) private readonly logger: PinoLogger,
  ) {}

  /** From its return on, the listener hears every message that is published. @returns how to leave. */
  async join(listener: FeedListener): Promise<() => void> {
    this.started ??= this.start();
    try {
      await this.started;
    } catch (error) {
      this.started = undefined;
      throw error;
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.connection?.disconnect();
  }

  private async start(): Promise<void> {
    this.positions = await this.log.ends(ALL_CHANNELS);
    // After an outage it goes on where it was.
    this.connection = blockingClient(this.redis);
    this.connection.on('error', (error: Error) =>
      this.logger.warn({ reason: error.message }, 'notifications.feed_connection'),
    );
    void this.loop(this.connection);
  }

  private async loop(connection: RedisClient): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.readSome(connection);
      } catch (error) {
        if (this.isStopping) return;
        this.logger.warn({ reason: (error as Error).message }, 'notifications.feed_failed');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async readSome(connection: RedisClient): Promise<void> {
    const channelOf = new Map(ALL_CHANNELS.map((channel) => [this.log.keys.stream(channel), channel]));
    const ids = ALL_CHANNELS.map((channel) => this.positions.get(channel) ?? '0-0');
    const streams = await connection.xread(
      'COUNT',
      BATCH,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      ...channelOf.keys(),
      ...ids,
    );
    for (const [stream, entries] of streams ?? []) {
      const channel = channelOf.get(stream);
      if (channel === undefined) continue;
      for (const entry of entries) this.tell(logEntry(channel, entry));
    }
  }

  private tell(entry: LogEntry): void {
    this.positions.set(entry.channel, entry.id);
    for (const listener of this.listeners) listener(entry);
  }
}
