import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  IsString,
} from 'class-validator';
import { PAGE_LIMIT, PAGE_LIMIT_TEXT } from './page.query.js';
import { VENDORS, type EventKind, type Vendor } from '../contracts/vendor.js';

const KINDS: readonly EventKind[] = ['call', 'email', 'meeting', 'record'];
const MAX_REPLAYS = 10_000;

/** Which dead letters; every given field must match. */
export class DeadLetterFilterQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  source?: string;

  @IsOptional()
  @IsIn(VENDORS)
  vendor?: Vendor;

  @IsOptional()
  @IsIn(KINDS)
  kind?: EventKind;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  code?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  since?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;
}

/** `GET /admin/dead-letters?vendor=gong&limit=50&cursor=…` */
export class DeadLetterListQuery extends DeadLetterFilterQuery {
  @IsOptional()
  @Matches(PAGE_LIMIT, { message: PAGE_LIMIT_TEXT })
  limit?: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  cursor?: string;
}

/** Body of `POST /admin/dead-letters/replay`. */
export class ReplayRequest {
  @IsOptional()
  @IsObject()
  filter?: Record<string, unknown>;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_REPLAYS)
  limit: number = 1_000;

  @IsOptional()
  @IsBoolean()
  dryRun: boolean = false;
}

/** Body of `DELETE /admin/dead-letters/{id}`. */
export class DiscardRequest {
  @IsString()
  @MinLength(3)
  @MaxLength(500)
  reason: string = '';
}
