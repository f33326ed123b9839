import { firstMatch } from '../text/pattern.js';
import type { Token } from '../text/tokens.js';
import type { Line } from './conversation-view.js';
import type { Naming } from './marked-line.js';
import type { CompetitorNames } from './competitor-names.js';
import type { Competitor } from './competitor.js';
import type { RuleSet } from './rule-set.js';

/**
 * The competitors named in a line. A name that is also a common word (Front, Close) counts only where the
 * words around it say so: written as a name, used like a product, or beside another competitor.
 */
export function namingsIn(line: Line, names: CompetitorNames, rules: RuleSet): Naming[] {
  const { words } = line.sentence;
  const namings: Naming[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const hit = names.at(words, at);
    if (hit === null) continue;
    const { competitor, end, isExact } = hit;
    const place = { line, start: at, end, isAfterAnother: namings.length > 0 };
    const score = isExact ? scoreOf(competitor, place, names, rules) : 0.6;
    if (score >= rules.thresholds.competitor) namings.push({ competitor, start: at, end, score });
    at = end - 1;
  }
  return namings;
}

/** One place where an alias stands. */
interface Place {
  readonly line: Line;
  readonly start: number;
  readonly end: number;
  readonly isAfterAnother: boolean;
}

function scoreOf(competitor: Competitor, place: Place, names: CompetitorNames, rules: RuleSet): number {
  const { start, end } = place;
  const { words, tokens } = place.line.sentence;
  const around = [...words.slice(0, start), '@', ...words.slice(end)];
  const isPlainName = end - start === 1 && !(words[start] ?? '').includes('.');
  if (!competitor.isAmbiguous || !isPlainName) return isCommonUse(competitor, around) ? 0.1 : 0.9;
  const written = howWritten(tokens, start, end);
  if (written === 'longer' || (written !== 'name' && isCommonUse(competitor, around))) return 0.1;
  const isBeside = place.isAfterAnother && isCoordinated(words[start - 1] ?? '');
  const isBefore = isCoordinated(words[end] ?? '') && names.at(words, end + 1) !== null;
  const base = written === 'name' ? 0.6 : written === 'first' ? 0.2 : 0.1;
  return Math.min(0.95, base + usageWeight(competitor, around, rules) + (isBeside || isBefore ? 0.4 : 0));
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
  const next = tokens[end];
  if (next !== undefined && next.start !== token.start && isJoinedName(next)) return 'longer';
  if (start === 0) return 'first';
  const before = tokens[start - 1];
  const isInName = start > 1 && before !== undefined && isJoinedName(before) && !token.isAfterBreak;
  return isInName ? 'longer' : 'name';
}

/** Whether a word belongs to the name it stands beside. */
function isJoinedName({ word, isCapital, isAfterBreak }: Token): boolean {
  return isCapital && !isAfterBreak && word !== 'i' && !PRODUCT_NOUNS.has(word);
}

const PRODUCT_NOUNS = new Set(['crm', 'app', 'analytics', 'api', 'ai', 'inc', 'sso', 'pro', 'cx', 'engage']);
