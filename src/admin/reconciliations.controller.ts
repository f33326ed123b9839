import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import {
  Reconciliation,
  type ReconciliationEstimate,
  type ReconciliationOverview,
  type ReconciliationRun,
} from '../contracts/ports/reconciliation.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { CheckedQuery, JsonBody } from './json-body.decorator.js';
import { LimitQuery, pageLimit } from './page.query.js';
import { StartReconciliationRequest } from './reconciliation.queries.js';
import { Documented } from '../openapi/documented.decorator.js';
import { RECONCILIATIONS_API } from './reconciliations.openapi.js';

/** `/admin/reconciliations`: what the vendors' webhooks have missed, and comparisons over any span. */
@Controller('admin/reconciliations')
@AdminRoute()
@Documented(RECONCILIATIONS_API)
export class ReconciliationsController {
  constructor(@Inject(Reconciliation) private readonly reconciliation: Reconciliation) {}

  @Get()
  list(@CheckedQuery(LimitQuery) query: LimitQuery): Promise<ReconciliationOverview> {
    return this.reconciliation.overview(pageLimit(query));
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<ReconciliationRun> {
    return found(await this.reconciliation.find(id));
  }

  @Post()
  @HttpCode(202)
  async start(
    @JsonBody(StartReconciliationRequest) { vendor, since, until, dryRun }: StartReconciliationRequest,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) response: { status(code: number): unknown },
  ): Promise<{ run: ReconciliationRun | null; estimate: ReconciliationEstimate }> {
    const span = { since, until: until ?? new Date().toISOString() };
    if (dryRun === true) {
      request.auditNote = `${vendor} from ${span.since} to ${span.until}, estimate only`;
      response.status(200);
      return { run: null, estimate: await this.reconciliation.estimate(vendor, span) };
    }
    const started = await this.reconciliation.start(vendor, span);
    request.auditNote = `${vendor} from ${started.run.since} to ${started.run.until}, run ${started.run.id}`;
    return started;
  }

  @Post(':id/pause')
  @HttpCode(200)
  async pause(@Param('id') id: string): Promise<ReconciliationRun> {
    return found(await this.reconciliation.command(id, 'pause'));
  }

  @Post(':id/resume')
  @HttpCode(200)
  async resume(@Param('id') id: string): Promise<ReconciliationRun> {
    return found(await this.reconciliation.command(id, 'resume'));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string): Promise<ReconciliationRun> {
    return found(await this.reconciliation.command(id, 'cancel'));
  }
}

function found(run: ReconciliationRun | undefined): ReconciliationRun {
  if (run === undefined) {
    throw new AppError('REQUEST.NOT_FOUND', 'there is no such reconciliation (any more)');
  }
  return run;
}
