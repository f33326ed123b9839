import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

const MAX_PAGE = 500;
const USUAL_PAGE = 50;
export const PAGE_LIMIT = /^[1-9]\d{0,2}$/;
export const PAGE_LIMIT_TEXT = `limit must be a number from 1 to ${MAX_PAGE}`;

/** What every list takes: `?limit=50&cursor=…`, the cursor being the `nextCursor` of the page before. */
export class PageQuery {
  @IsOptional()
  @Matches(PAGE_LIMIT, { message: PAGE_LIMIT_TEXT })
  limit?: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  cursor?: string;
}

/** What a list takes that goes back only so far. */
export class LimitQuery {
  @IsOptional()
  @Matches(PAGE_LIMIT, { message: PAGE_LIMIT_TEXT })
  limit?: string;
}

/** How many items a page has. */
export function pageLimit({ limit }: { readonly limit?: string }): number {
  return limit === undefined ? USUAL_PAGE : Math.min(Number(limit), MAX_PAGE);
}
