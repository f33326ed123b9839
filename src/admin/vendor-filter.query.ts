import { IsIn, IsISO8601, IsOptional } from 'class-validator';
import { EVENT_KINDS, type EventKind, type Vendor, VENDORS } from '../contracts/vendor.js';

/** What every search over vendors' events takes; every given field must match. From inclusive, until exclusive. */
export class VendorFilterQuery {
  @IsOptional()
  @IsIn(VENDORS)
  vendor?: Vendor;

  @IsOptional()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  @IsOptional()
  @IsISO8601({ strict: true })
  since?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;
}
