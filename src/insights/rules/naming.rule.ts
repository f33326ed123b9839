import { firstMatch } from '../text/pattern.js';
import { AFTER_BREAK, CONTRACTED, type TokenizedSentence } from '../text/tokens.js';
import { CAPITAL } from '../text/word-forms.js';
import type { CompetitorNames } from './competitor-names.js';
import type { Competitor } from './competitor.js';
import type { RuleSet } from './rule-set.js';

/** A competitor named in a line: word numbers of the line's sentence, end exclusive. */
export interface Naming {
  readonly competitor: Competitor;
  readonly start: number;
  readonly end: number;
  /** How sure it is that the name is meant, 0 to 1. */
  readonly score: number;
}

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
  const { words } = place.sentence;
  const around = [...words.slice(0, start), '@', ...words.slice(end)];
  const isCommon = isCommonUse(competitor, around);
  if (!competitor.isAmbiguous || !isPlainName(words, start, end)) return isCommon ? NOT_MEANT : CERTAIN;
  const written = howWritten(place);
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
function howWritten({ sentence, start, end }: Place): 'name' | 'first' | 'longer' | 'small' {
  if (!isMarked(sentence, start, CAPITAL)) return 'small';
  const isApart = isMarked(sentence, end, CONTRACTED) || isMarked(sentence, end, AFTER_BREAK);
  if (!isApart && isNamePart(sentence, end)) return 'longer';
  if (start === 0) return 'first';
  const isInName = start > 1 && !isMarked(sentence, start, AFTER_BREAK) && isNamePart(sentence, start - 1);
  return isInName ? 'longer' : 'name';
}

function isMarked({ marks }: TokenizedSentence, at: number, mark: number): boolean {
  return ((marks[at] ?? 0) & mark) > 0;
}

/** Whether the word belongs to the name beside which it stands. */
function isNamePart(sentence: TokenizedSentence, at: number): boolean {
  const word = sentence.words[at];
  if (word === undefined || word === 'i' || PRODUCT_NOUNS.has(word)) return false;
  return isMarked(sentence, at, CAPITAL);
}

const PRODUCT_NOUNS = new Set(['crm', 'app', 'analytics', 'api', 'ai', 'inc', 'sso', 'pro', 'cx', 'engage']);
