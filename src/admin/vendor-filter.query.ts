import { IsIn } from 'class-validator';
import { EVENT_KINDS, type EventKind, type Vendor, VENDORS } from '../contracts/vendor.js';
import { IsInstant } from './is-instant.decorator.js';
import { MayBeAbsent } from './may-be-absent.decorator.js';

/** What every search over vendors' events takes; every given field must match. From inclusive, until exclusive. */
export class VendorFilterQuery {
  @MayBeAbsent()
  @IsIn(VENDORS)
  vendor?: Vendor;

  @MayBeAbsent()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  @MayBeAbsent()
  @IsInstant()
  since?: string;

  @MayBeAbsent()
  @IsInstant()
  until?: string;
}
