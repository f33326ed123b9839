import type { InsightKind } from '../../contracts/insight.js';

/** How a value must have changed. Words are in lower case; a scale goes from the worst to the best. */
export type CrmTest =
  | {
      readonly type: 'falls' | 'rises';
      readonly by: number | null;
      readonly byPercent: number | null;
      /** `falls`: it was at least so much and is less; `rises`: it was at most so much and is more. */
      readonly across: number | null;
      readonly scale: readonly string[];
    }
  | { readonly type: 'becomes' | 'leaves'; readonly words: readonly string[] }
  | { readonly type: 'later'; readonly byDays: number };

/** A sign in a field of the CRM; see config/insights/crm.yaml. */
export interface CrmRule {
  readonly id: string;
  readonly of: 'account' | 'deal';
  readonly field: string;
  readonly kind: Extract<InsightKind, 'churn_risk' | 'upsell'>;
  readonly weight: number;
  readonly test: CrmTest;
  /** Other fields of the record with the values of which one must be there. */
  readonly where: readonly { readonly field: string; readonly words: readonly string[] }[];
}

/** How much notes count, and for how many days a note is new. */
export interface NoteRules {
  readonly trust: number;
  readonly ownVoice: number;
  readonly newWithinDays: number;
}

/** A value before and after; undefined: it is not known what it was. */
export interface CrmValueChange {
  readonly before: string | null | undefined;
  readonly after: string;
  /** An event says that it changed, whatever it was. */
  readonly isSaidToHaveChanged: boolean;
}

/** Whether a value changed in the way that the rule tests for. */
export function isMet(test: CrmTest, change: CrmValueChange): boolean {
  switch (test.type) {
    case 'becomes':
      return becomes(test.words, change);
    case 'leaves':
      return isWord(test.words, change.before) && !isWord(test.words, change.after);
    case 'later':
      return daysBetween(change) >= test.byDays;
    case 'falls':
      return isMoved(test, change, -1);
    case 'rises':
      return isMoved(test, change, 1);
  }
}

function becomes(words: readonly string[], { before, after, isSaidToHaveChanged }: CrmValueChange): boolean {
  if (!isWord(words, after)) return false;
  return before === undefined ? isSaidToHaveChanged : !isWord(words, before);
}

function isWord(words: readonly string[], value: string | null | undefined): boolean {
  return typeof value === 'string' && words.includes(value.trim().toLowerCase());
}

const DAY_MS = 86_400_000;

function daysBetween({ before, after }: CrmValueChange): number {
  return (Date.parse(after) - Date.parse(before ?? '')) / DAY_MS;
}

type Movement = Extract<CrmTest, { type: 'falls' | 'rises' }>;

/** @param direction 1 upwards, -1 downwards */
function isMoved(test: Movement, { before, after }: CrmValueChange, direction: 1 | -1): boolean {
  const [from, to] = [placeOf(before ?? '', test.scale), placeOf(after, test.scale)];
  if (from >= 0 && to >= 0) return (to - from) * direction > 0;
  const [old, now] = [numberIn(before ?? ''), numberIn(after)];
  return old !== null && now !== null && isMovedEnough(test, old * direction, now * direction, direction);
}

function placeOf(value: string, scale: readonly string[]): number {
  return scale.indexOf(value.trim().toLowerCase());
}

/** @param old, now: turned so that what is looked for is growth */
function isMovedEnough({ by, byPercent, across }: Movement, old: number, now: number, direction: 1 | -1) {
  const moved = now - old;
  if (by !== null && moved >= by) return true;
  if (byPercent !== null && old !== 0 && (moved / Math.abs(old)) * 100 >= byPercent) return true;
  return across !== null && old <= across * direction && now > across * direction;
}

/** `41`, `41.5 %`, `1,250,000`, `41 / 100`. */
function numberIn(value: string): number | null {
  const match = /^\s*[^\d\s-]?\s*(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?:\s*(?:%|\/.*)?)\s*$/.exec(
    value,
  );
  return match === null ? null : Number((match[1] ?? '').replaceAll(',', ''));
}
