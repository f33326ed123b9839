import { IsBoolean, IsIn } from 'class-validator';
import { VENDORS, type Vendor } from '../contracts/vendor.js';
import { IsInstant } from './is-instant.decorator.js';
import { MayBeAbsent } from './may-be-absent.decorator.js';

/** Body of `POST /admin/reconciliations`; without `until` up to now. */
export class StartReconciliationRequest {
  @IsIn(VENDORS)
  vendor!: Vendor;

  @IsInstant()
  since!: string;

  @MayBeAbsent()
  @IsInstant()
  until?: string;

  /** Only says what it will cost. */
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;
}
