import { firstMatch } from '../text/pattern.js';
import type { Token, TokenizedSentence } from '../text/tokens.js';
import type { Naming } from './marked-line.js';
import type { CompetitorNames } from './competitor-names.js';
import type { Competitor } from './competitor.js';
import type { RuleSet } from './rule-set.js';

/**
 * The competitors named in a sentence. A name that is also a common word (Front, Close) counts only where the
 * words around it say so: written as a name, used like a product, or beside another competitor.
 */
export function namingsIn(sentence: TokenizedSentence, names: CompetitorNames, rules: RuleSet): Naming[] {
  const { words } = sentence;
  const namings: Naming[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const hit = names.at(words, at);
    if (hit === null) continue;
    const { competitor, end, isExact } = hit;
    const place = { sentence, start: at, end, isAfterAnother: namings.length > 0 };
    const score = isExact ? scoreOf(competitor, place, names, rules) : 0.6;
    if (score >= rules.thresholds.competitor) namings.push({ competitor, start: at, end, score });
    at = end - 1;
  }
  return namings;
}

/** One place where an alias stands. */
interface Place {
  readonly sentence: TokenizedSentence;
  readonly start: number;
  readonly end: number;
  readonly isAfterAnother: boolean;
}

function scoreOf(competitor: Competitor, place: Place, names: CompetitorNames, rules: RuleSet): number {
  const { start, end } = place;
  const { words, tokens } = place.sentence;
  const around = [...words.slice(0, start), '@', ...words.slice(end)];
  const isCommon = isCommonUse(competitor, around);
  if (!competitor.isAmbiguous || !isPlainName(words, start, end)) return isCommon ? NOT_MEANT : CERTAIN;
  const written = howWritten(tokens, start, end);
  if (written === 'longer' || (written !== 'name' && isCommon)) return NOT_MEANT;
  const beside = isBesideAnother(place, names) ? BESIDE : 0;
  return Math.min(0.95, WRITTEN[written] + usageWeight(competitor, around, rules) + beside);
}

const CERTAIN = 0.9;
const NOT_MEANT = 0.1;
/** Named together with another competitor. */
const BESIDE = 0.4;
const WRITTEN = { name: 0.6, first: 0.2, small: 0.1 } as const;

/** One common word; "Close.io" and "Mode Analytics" are sure. */
function isPlainName(words: readonly string[], start: number, end: number): boolean {
  return end - start === 1 && words[start]?.includes('.') !== true;
}

function isBesideAnother({ sentence, start, end, isAfterAnother }: Place, names: CompetitorNames): boolean {
  const { words } = sentence;
  if (isAfterAnother && isCoordinated(words[start - 1] ?? '')) return true;
  return isCoordinated(words[end] ?? '') && names.at(words, end + 1) !== null;
}

function isCoordinated(word: string): boolean {
  return /^(and|or|versus|vs|nor|to|from|than|for)$/.test(word);
}

/** "up front", "close to": what the competitor's entry says is not the product. */
function isCommonUse({ notWhen }: Competitor, around: readonly string[]): boolean {
  return notWhen.some((pattern) => firstMatch(pattern, around) !== null);
}

/** How strongly the words around say that a product is meant. */
function usageWeight({ when }: Competitor, around: readonly string[], rules: RuleSet): number {
  if (when.some((pattern) => firstMatch(pattern, around) !== null)) return 0.7;
  return Math.max(0, ...rules.naming.find(around).map(({ cue }) => cue.weight));
}

/**
 * How the name is written: as a name within the sentence, at its start (where every word has a capital), as
 * part of a longer name ("Front Range"), or small.
 */
function howWritten(
  tokens: readonly Token[],
  start: number,
  end: number,
): 'name' | 'first' | 'longer' | 'small' {
  const token = tokens[start];
  if (token?.isCapital !== true) return 'small';
  if (isJoinedName(tokens[end], token)) return 'longer';
  if (start === 0) return 'first';
  const isInName = start > 1 && !token.isAfterBreak && isJoinedName(tokens[start - 1], null);
  return isInName ? 'longer' : 'name';
}

/** Whether a word belongs to the name beside which it stands; `sameAs` is no other word but its second half. */
function isJoinedName(token: Token | undefined, sameAs: Token | null): boolean {
  if (token === undefined || !token.isCapital || token.start === sameAs?.start) return false;
  const isApart = sameAs !== null && token.isAfterBreak;
  return !isApart && token.word !== 'i' && !PRODUCT_NOUNS.has(token.word);
}

const PRODUCT_NOUNS = new Set(['crm', 'app', 'analytics', 'api', 'ai', 'inc', 'sso', 'pro', 'cx', 'engage']);
