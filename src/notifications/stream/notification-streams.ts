import type { ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter, Gauge } from 'prom-client';
import { AppError } from '../../contracts/errors.js';
import { NotificationFeed } from './notification-feed.js';
import { NotificationLog } from './notification-log.js';
import { StreamClient, type StreamLimits } from './stream-client.js';
import type { StreamQuery } from './stream-query.js';

export const STREAM_LIMITS: StreamLimits = {
  heartbeatMs: 15_000,
  maxWaitingBytes: 1_048_576,
  maxPauseMs: 30_000,
};

/** Each may keep a megabyte waiting. */
const MAX_CLIENTS = 500;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // nginx would keep events back until its buffer is full.
  'x-accel-buffering': 'no',
};

/** The agents that listen over HTTP now. */
@Injectable()
export class NotificationStreams implements BeforeApplicationShutdown {
  private readonly clients = new Set<StreamClient>();
  private isStopping = false;

  constructor(
    private readonly feed: NotificationFeed,
    private readonly log: NotificationLog,
    @InjectMetric('notification_stream_clients') private readonly clientCount: Gauge,
    @InjectMetric('notification_stream_dropped_total') private readonly dropped: Counter,
    @InjectPinoLogger(NotificationStreams.name) private readonly logger: PinoLogger,
  ) {}

  /** Ends every answer, or the HTTP server would wait for them for ever. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const client of this.clients) client.close();
  }

  /** @throws AppError `NOTIFICATIONS.STREAM_UNAVAILABLE`, when nobody more can be served now. */
  refuseIfFull(): void {
    if (!this.isStopping && this.clients.size < MAX_CLIENTS) return;
    const reason = this.isStopping ? 'the service is stopping' : 'too many agents listen already';
    throw new AppError('NOTIFICATIONS.STREAM_UNAVAILABLE', reason, { afterMs: 5_000 });
  }

  /** Serves one agent until either side ends it. */
  async serve(
    response: ServerResponse,
    query: StreamQuery,
    headers: Readonly<Record<string, string | number | string[] | undefined>> = {},
    limits: StreamLimits = STREAM_LIMITS,
  ): Promise<void> {
    const onDrop = () => {
      this.dropped.inc();
      this.logger.warn({ channels: query.channels }, 'notifications.slow_agent_dropped');
    };
    const client = new StreamClient(response, query, this.log, limits, onDrop);
    this.clients.add(client);
    this.clientCount.set(this.clients.size);
    let leave: () => void = () => undefined;
    response.on('close', () => {
      leave();
      this.clients.delete(client);
      this.clientCount.set(this.clients.size);
    });
    response.writeHead(200, { ...headers, ...HEADERS });
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    try {
      leave = await this.feed.join((entry) => client.hear(entry));
      if (response.destroyed) leave();
      else await client.start();
    } catch (error) {
      // The agent resumes where it was, as after any lost connection.
      this.logger.warn({ reason: (error as Error).message }, 'notifications.stream_failed');
      response.destroy();
    }
  }
}
