import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { AppError, isCoded } from '../contracts/errors.js';
import type { Notification } from '../contracts/notification.js';
import { RulesControl, type RulesReload } from '../contracts/ports/rules-control.port.js';
import { ToldMessages } from '../contracts/ports/told-messages.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { CheckedQuery } from './json-body.decorator.js';
import { LimitQuery, pageLimit } from './page.query.js';
import { Documented } from '../openapi/documented.decorator.js';
import { INSIGHTS_API } from './insights.openapi.js';

/** `/admin/insights`: what was found lately, with its evidence; and the rules by which it is found. */
@Controller('admin/insights')
@AdminRoute()
@Documented(INSIGHTS_API)
export class InsightsController {
  constructor(
    @Inject(ToldMessages) private readonly told: ToldMessages,
    @Inject(RulesControl) private readonly rules: RulesControl,
  ) {}

  @Get()
  async list(@CheckedQuery(LimitQuery) query: LimitQuery): Promise<{ items: readonly Notification[] }> {
    return { items: await this.told.newest('gong:insights', pageLimit(query)) };
  }

  @Post('reload')
  @HttpCode(200)
  async reload(@Req() request: AdminRequest): Promise<RulesReload> {
    try {
      const reloaded = await this.rules.reload();
      request.auditNote = `rules ${reloaded.before} to ${reloaded.after}`;
      return reloaded;
    } catch (error) {
      // The operator has edited the files: what is wrong with them is for them to read.
      if (!isCoded(error, 'INSIGHTS.RULES_INVALID')) throw error;
      throw new AppError('REQUEST.INVALID', error.message, 'never', { cause: error });
    }
  }
}
