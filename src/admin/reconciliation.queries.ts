import { IsBoolean, IsIn, IsISO8601, IsOptional } from 'class-validator';
import { VENDORS, type Vendor } from '../contracts/vendor.js';

/** Body of `POST /admin/reconciliations`; without `until` up to now. */
export class StartReconciliationRequest {
  @IsIn(VENDORS)
  vendor!: Vendor;

  @IsISO8601({ strict: true })
  since!: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;

  /** Only says what it will cost. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}
