import { Controller, Get, Inject } from '@nestjs/common';
import { Memory, type Recollection } from '../contracts/ports/memory.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import { CheckedQuery } from './json-body.decorator.js';
import { RecallQuery } from './recall.query.js';
import { Documented } from '../openapi/documented.decorator.js';
import { RECALL_API } from './recall.openapi.js';

const USUAL_ANSWERS = 5;

/** `GET /admin/recall`: what the account memory answers, as agents would hear it. */
@Controller('admin/recall')
@AdminRoute()
@Documented(RECALL_API)
export class RecallController {
  constructor(@Inject(Memory) private readonly memory: Memory) {}

  @Get()
  async recall(
    @CheckedQuery(RecallQuery) { q, limit }: RecallQuery,
  ): Promise<{ items: readonly Recollection[] }> {
    return { items: await this.memory.recall(q, limit === undefined ? USUAL_ANSWERS : Number(limit)) };
  }
}
