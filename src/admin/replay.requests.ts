import { IsBoolean, IsIn } from 'class-validator';
import { REPLAY_STARTS, type ReplayStart } from '../contracts/ports/replays.port.js';
import { EVENT_KINDS, type EventKind, type Vendor, VENDORS } from '../contracts/vendor.js';
import { IsInstant } from './is-instant.decorator.js';
import { MayBeAbsent } from './may-be-absent.decorator.js';

/** Body of `POST /admin/replays`. */
export class ReplayOrderRequest {
  @IsIn(VENDORS)
  vendor: Vendor = '' as Vendor;

  @MayBeAbsent()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  @IsInstant()
  since: string = '';

  @IsInstant()
  until: string = '';

  @MayBeAbsent()
  @IsIn(REPLAY_STARTS)
  from: ReplayStart = 'enrich';

  /** Whether agents are told again. */
  @MayBeAbsent()
  @IsBoolean()
  notify: boolean = false;
}
