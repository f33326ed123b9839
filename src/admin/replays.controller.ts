import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { type Replay, type ReplayOrder, Replays } from '../contracts/ports/replays.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { JsonBody } from './json-body.decorator.js';
import { ReplayOrderRequest } from './replay.requests.js';
import { Documented } from '../openapi/documented.decorator.js';
import { REPLAYS_API } from './replays.openapi.js';

const MOST_LISTED = 100;

/** `/admin/replays`: run the pipeline again from the raw archive, with new rules or after a mended bug. */
@Controller('admin/replays')
@AdminRoute()
@Documented(REPLAYS_API)
export class ReplaysController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  @Post()
  @HttpCode(202)
  async start(
    @JsonBody(ReplayOrderRequest) request: ReplayOrderRequest,
    @Req() { access }: AdminRequest,
  ): Promise<{ id: string }> {
    return { id: await this.replays.start(orderOf(request, access.name)) };
  }

  @Get()
  async list(): Promise<{ items: readonly Replay[] }> {
    return { items: await this.replays.list(MOST_LISTED) };
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<Replay> {
    const replay = await this.replays.find(id);
    if (replay === undefined) throw notFound();
    return replay;
  }

  @Delete(':id')
  @HttpCode(200)
  async cancel(@Param('id') id: string): Promise<{ cancelled: true; id: string }> {
    if (!(await this.replays.cancel(id))) throw notFound();
    return { cancelled: true, id };
  }
}

/** Events that come in while it runs are not for it: it would never end. */
function orderOf(request: ReplayOrderRequest, by: string): ReplayOrder {
  const { vendor, kind = null, from, notify } = request;
  const since = new Date(request.since).toISOString();
  const until = new Date(Math.min(Date.parse(request.until), Date.now())).toISOString();
  if (since >= until) throw new AppError('REQUEST.INVALID', 'since must be before until, and before now');
  return { vendor, kind, since, until, from, notify, by };
}

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'there is no such replay');
}
