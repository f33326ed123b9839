import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { QueueControl, type QueueState } from '../contracts/ports/queue-control.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';
import { QUEUES_API } from './queues.openapi.js';

/** `/admin/queues`: their state, and the brake. A pause survives a restart. */
@Controller('admin/queues')
@AdminRoute()
@Documented(QUEUES_API)
export class QueuesController {
  constructor(@Inject(QueueControl) private readonly queues: QueueControl) {}

  @Get()
  async list(): Promise<{ items: readonly QueueState[] }> {
    return { items: await this.queues.list() };
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

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'there is no such queue');
}
