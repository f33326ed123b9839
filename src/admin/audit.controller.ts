import { Controller, Get } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { AdminRoute } from './admin-route.decorator.js';
import { type AuditEntry, AuditLog } from './audit-log.js';
import { CheckedQuery } from './json-body.decorator.js';
import { pageLimit, PageQuery } from './page.query.js';
import { Documented } from '../openapi/documented.decorator.js';
import { AUDIT_API } from './audit.openapi.js';

const ENTRY_ID = /^\d+-\d+$/;

/** `GET /admin/audit`: what operators changed, the newest first. */
@Controller('admin/audit')
@AdminRoute()
@Documented(AUDIT_API)
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  async list(
    @CheckedQuery(PageQuery) query: PageQuery,
  ): Promise<{ items: readonly AuditEntry[]; nextCursor: string | null }> {
    const { cursor } = query;
    if (cursor !== undefined && !ENTRY_ID.test(cursor)) {
      throw new AppError('REQUEST.INVALID_CURSOR', 'the cursor is not one of ours');
    }
    return this.log.page(pageLimit(query), cursor);
  }
}
