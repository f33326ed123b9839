import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, MaxLength } from 'class-validator';
import { MayBeAbsent } from './may-be-absent.decorator.js';

const MAX_PAGE = 500;
const USUAL_PAGE = 50;
const MAX_CURSOR_LENGTH = 512;
const PAGE_LIMIT = /^[1-9]\d{0,2}$/;

/** How many items a page is to have; a query has texts. */
export function IsPageLimit(): PropertyDecorator {
  const message = `limit must be a number from 1 to ${MAX_PAGE}`;
  return applyDecorators(MayBeAbsent(), Matches(PAGE_LIMIT, { message }));
}

/** The `nextCursor` of the page before. */
export function IsPageCursor(): PropertyDecorator {
  return applyDecorators(MayBeAbsent(), IsString(), MaxLength(MAX_CURSOR_LENGTH));
}

/** What a list takes that goes back only so far. */
export class LimitQuery {
  @IsPageLimit()
  limit?: string;
}

/** What a list takes: `?limit=50&cursor=…` */
export class PageQuery extends LimitQuery {
  @IsPageCursor()
  cursor?: string;
}

/** How many items a page has. */
export function pageLimit({ limit }: { readonly limit?: string }): number {
  return limit === undefined ? USUAL_PAGE : Math.min(Number(limit), MAX_PAGE);
}
