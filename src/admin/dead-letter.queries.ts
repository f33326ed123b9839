import { IsBoolean, IsInt, IsObject, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { IsPageCursor, IsPageLimit } from './page.query.js';
import { VendorFilterQuery } from './vendor-filter.query.js';
import { MayBeAbsent } from './may-be-absent.decorator.js';

const MAX_REPLAYS = 10_000;

/** Which dead letters; every given field must match. */
export class DeadLetterFilterQuery extends VendorFilterQuery {
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  source?: string;

  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  code?: string;
}

/** `GET /admin/dead-letters?vendor=gong&limit=50&cursor=…` */
export class DeadLetterListQuery extends DeadLetterFilterQuery {
  @IsPageLimit()
  limit?: string;

  @IsPageCursor()
  cursor?: string;
}

/** Body of `POST /admin/dead-letters/replay`. */
export class ReplayRequest {
  @MayBeAbsent()
  @IsObject()
  filter?: Record<string, unknown>;

  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_REPLAYS)
  limit: number = 1_000;

  @MayBeAbsent()
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
