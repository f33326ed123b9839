import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { AppError } from '../../contracts/errors.js';
import { Documented } from '../../openapi/documented.decorator.js';
import { AdminRoute } from '../admin-route.decorator.js';
import { BOARD_API } from './board.openapi.js';
import { BOARD_PATH, BullBoard } from './bull-board.js';
import { type BoardReply, sendBoardPage } from './board-reply.js';

interface BoardRequest {
  readonly url: string;
}

/**
 * What Bull Board's page is made of, below `/admin/queues`: its further pages, what they ask, and their files. Jobs
 * hold customers' data, so all of it is for admins, as the page itself (queues.controller.ts).
 */
@Controller('admin/queues')
@AdminRoute()
@Documented(BOARD_API)
export class BoardController {
  constructor(private readonly board: BullBoard) {}

  @Get(['queue/:queue', 'queue/:queue/:job', 'job-schedulers', 'metrics-history'])
  async page(@Res() reply: BoardReply): Promise<void> {
    await sendBoardPage(reply, this.board);
  }

  @Get('api/*')
  async api(@Req() { url }: BoardRequest, @Query() query: Record<string, unknown>): Promise<unknown> {
    const answer = await this.board.answer(pathBelowBoard(url), query);
    if (answer === undefined || answer.status === 404) throw notFound();
    if (answer.status >= 500) throw new Error(`the board answered ${answer.status}`);
    if (answer.status >= 400) throw new AppError('REQUEST.INVALID', 'the board does not take this');
    return answer.body;
  }

  @Get('static/*')
  async asset(@Req() { url }: BoardRequest, @Res() reply: BoardReply): Promise<void> {
    const asset = await this.board.asset(pathBelowBoard(url).slice('/static/'.length));
    if (asset === undefined) throw notFound();
    reply.header('content-type', asset.type);
    reply.header('cache-control', 'private, max-age=3600');
    reply.header('x-content-type-options', 'nosniff');
    reply.send(asset.bytes);
  }
}

function pathBelowBoard(url: string): string {
  return (url.split('?')[0] ?? '').slice(BOARD_PATH.length);
}

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'the board has no such thing');
}
