import { IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';
import { VENDORS, type Vendor } from '../contracts/vendor.js';
import { PAGE_LIMIT, PAGE_LIMIT_TEXT } from './page.query.js';

/** Body of `POST /admin/reconciliations`; without `until` up to now. */
export class StartReconciliationRequest {
  @IsIn(VENDORS)
  vendor!: Vendor;

  @IsISO8601({ strict: true })
  since!: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;
}

/** `GET /admin/reconciliations?limit=50` */
export class ReconciliationListQuery {
  @IsOptional()
  @Matches(PAGE_LIMIT, { message: PAGE_LIMIT_TEXT })
  limit?: string;
}
