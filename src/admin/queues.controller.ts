import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { QueueControl, type QueueState } from '../contracts/ports/queue-control.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { type BoardReply, sendBoardPage } from './board/board-reply.js';
import { BullBoard } from './board/bull-board.js';
import { Documented } from '../openapi/documented.decorator.js';
import { QUEUES_API } from './queues.openapi.js';

/** `/admin/queues`: their state, for browsers as Bull Board, and the brake. A pause survives a restart. */
@Controller('admin/queues')
@AdminRoute()
@Documented(QUEUES_API)
export class QueuesController {
  constructor(
    @Inject(QueueControl) private readonly queues: QueueControl,
    private readonly board: BullBoard,
  ) {}

  /** Bull Board for who asks for a page, as browsers do; else the queues as JSON. */
  @Get()
  async list(@Req() { headers }: AdminRequest, @Res() reply: BoardReply): Promise<void> {
    if (asksForPage(headers.accept)) return sendBoardPage(reply, this.board);
    const answer: { items: readonly QueueState[] } = { items: await this.queues.list() };
    reply.header('content-type', 'application/json; charset=utf-8');
    reply.header('vary', 'accept');
    reply.send(JSON.stringify(answer));
  }

  @Post(':name/pause')
  @HttpCode(200)
  async pause(@Param('name') name: string): Promise<{ name: string; isPaused: true }> {
    if (!(await this.queues.pause(name))) throw notFound();
    return { name, isPaused: true };
  }

  @Post(':name/resume')
  @HttpCode(200)
  async resume(@Param('name') name: string): Promise<{ name: string; isPaused: false }> {
    if (!(await this.queues.resume(name))) throw notFound();
    return { name, isPaused: false };
  }
}

function asksForPage(accept: string | string[] | undefined): boolean {
  return [accept].flat().some((types) => types?.includes('text/html'));
}

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'there is no such queue');
}
