import { IsBoolean, IsIn, IsISO8601, IsOptional } from 'class-validator';
import { REPLAY_STARTS, type ReplayStart } from '../contracts/ports/replays.port.js';
import { EVENT_KINDS, type EventKind, type Vendor, VENDORS } from '../contracts/vendor.js';

/** Body of `POST /admin/replays`. */
export class ReplayOrderRequest {
  @IsIn(VENDORS)
  vendor: Vendor = '' as Vendor;

  @IsOptional()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  @IsISO8601({ strict: true })
  since: string = '';

  @IsISO8601({ strict: true })
  until: string = '';

  @IsOptional()
  @IsIn(REPLAY_STARTS)
  from: ReplayStart = 'enrich';

  /** Whether agents are told again. */
  @IsOptional()
  @IsBoolean()
  notify: boolean = false;
}
