import { Controller, Get, Param } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { Documented } from '../openapi/documented.decorator.js';
import { type AccountDetail, AccountView } from './account-view.js';
import { ACCOUNTS_API } from './accounts.openapi.js';
import { AdminRoute } from './admin-route.decorator.js';
import { CheckedQuery } from './json-body.decorator.js';
import { PageQuery, pageLimit } from './page.query.js';

/** Ids of CRM accounts are numbers at Zoho; what Gong links may be another CRM's. */
const ACCOUNT_ID = /^[\w-]{1,128}$/;

/** `/admin/accounts`: one account of the CRM with its calls and signals. */
@Controller('admin/accounts')
@AdminRoute()
@Documented(ACCOUNTS_API)
export class AccountsController {
  constructor(private readonly view: AccountView) {}

  /** `?limit=50&cursor=…` is about its conversations. */
  @Get(':id')
  async one(@Param('id') id: string, @CheckedQuery(PageQuery) query: PageQuery): Promise<AccountDetail> {
    const detail = ACCOUNT_ID.test(id) ? await this.view.of(id, pageLimit(query), query.cursor) : undefined;
    if (detail === undefined) throw new AppError('REQUEST.NOT_FOUND', 'there is no such account');
    return detail;
  }
}
