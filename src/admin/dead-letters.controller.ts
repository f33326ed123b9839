import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { DeadLetterDetail } from '../contracts/dead-letter.js';
import { AppError } from '../contracts/errors.js';
import { type DeadLetterPage, DeadLetters, type ReplayReport } from '../contracts/ports/dead-letters.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import {
  DeadLetterFilterQuery,
  DeadLetterListQuery,
  DiscardRequest,
  ReplayRequest,
} from './dead-letter.queries.js';
import { pageLimit } from './page.query.js';
import { checked, CheckedQuery, JsonBody } from './json-body.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';
import { DEAD_LETTERS_API } from './dead-letters.openapi.js';

/** `/admin/dead-letters`: what retrying could not mend, to inspect, replay and discard. */
@Controller('admin/dead-letters')
@AdminRoute()
@Documented(DEAD_LETTERS_API)
export class DeadLettersController {
  constructor(@Inject(DeadLetters) private readonly deadLetters: DeadLetters) {}

  @Get()
  async list(@CheckedQuery(DeadLetterListQuery) query: DeadLetterListQuery): Promise<DeadLetterPage> {
    const { limit: _limit, cursor, ...filter } = query;
    try {
      return await this.deadLetters.page(filter, pageLimit(query), cursor);
    } catch (error) {
      if (error instanceof RangeError) throw new AppError('REQUEST.INVALID_CURSOR', error.message);
      throw error;
    }
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<DeadLetterDetail> {
    const letter = await this.deadLetters.find(id);
    if (letter === undefined) throw notFound();
    return letter;
  }

  @Post('replay')
  @HttpCode(200)
  async replayAll(
    @JsonBody(ReplayRequest) { filter, limit, dryRun }: ReplayRequest,
    @Req() request: AdminRequest,
  ): Promise<ReplayReport> {
    const wanted = checked(DeadLetterFilterQuery, filter ?? {});
    const report = await this.deadLetters.replayAll(wanted, limit, dryRun, request.access.name);
    request.auditNote = `${dryRun ? 'dry run, ' : ''}matched ${report.matched}, replayed ${report.succeeded}`;
    return report;
  }

  @Post(':id/replay')
  @HttpCode(200)
  async replay(
    @Param('id') id: string,
    @Req() request: AdminRequest,
  ): Promise<{ replayed: true; id: string }> {
    if (!(await this.deadLetters.replay(id, request.access.name))) throw notFound();
    return { replayed: true, id };
  }

  @Delete(':id')
  @HttpCode(200)
  async discard(
    @Param('id') id: string,
    @JsonBody(DiscardRequest) { reason }: DiscardRequest,
    @Req() request: AdminRequest,
  ): Promise<{ discarded: true; id: string }> {
    request.auditNote = reason;
    if (!(await this.deadLetters.discard(id))) throw notFound();
    return { discarded: true, id };
  }
}

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'there is no such dead letter (any more)');
}
