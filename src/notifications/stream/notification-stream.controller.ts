import type { ServerResponse } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ReaderOnly } from '../../access/reader-only.decorator.js';
import { AppConfig } from '../../config/app-config.js';
import { NotificationStreams } from './notification-streams.js';
import { readStreamQuery } from './stream-query.js';
import { Documented } from '../../openapi/documented.decorator.js';
import { NOTIFICATION_STREAM_API } from './notification-stream.openapi.js';

interface StreamHttpRequest {
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface HijackableReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
  getHeaders(): Record<string, string | number | string[] | undefined>;
}

/** `GET /notifications/stream`: server-sent events, resumable by `Last-Event-ID`. */
@Controller('notifications')
@ReaderOnly()
@Documented(NOTIFICATION_STREAM_API)
export class NotificationStreamController {
  constructor(
    private readonly streams: NotificationStreams,
    private readonly config: AppConfig,
  ) {}

  @Get('stream')
  async stream(@Req() request: StreamHttpRequest, @Res() reply: HijackableReply): Promise<void> {
    const query = readStreamQuery(request, this.config.NOTIFICATION_PREFIX);
    this.streams.refuseIfFull();
    // From here on the answer is ours: Fastify would wait for its end.
    reply.hijack();
    await this.streams.serve(reply.raw, query, reply.getHeaders());
  }
}
