import { eitherOf, type Extent, extentOfPart, inSequence, NO_WORDS, type Part } from './pattern-part.js';

/** Words of which every sentence that matches has one, or a word that begins with one of the prefixes. */
export interface Anchor {
  readonly words: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  /** It stands so many words after the one with which the match begins. */
  readonly offset: Extent;
}

/** More would cost more to look for than they save. */
export const MAX_ANCHORS = 3;

/** Too frequent to tell sentences apart: an anchor of these would try the pattern nearly everywhere. */
const FREQUENT = new Set(
  'i you he she it we they me him her us them my your his our their the a an and or but if to of in on at by for with from as is are am was were be been being do does did have has had will would can could should not no so that this these those there here what who which when where why how just all any some one up out get got go going want need'.split(
    ' ',
  ),
);

/** The anchors of a pattern, the rarest first; none where no word is sure to be there. */
export function anchorsIn(parts: readonly Part[]): Anchor[] {
  return candidatesIn(parts)
    .slice(0, MAX_ANCHORS)
    .map(({ words, offset }) => ({
      words: new Set(words.filter((word) => !word.endsWith('*'))),
      prefixes: words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)),
      offset,
    }));
}

/** Whether nearly every sentence has it, so that to look for it tells little. */
export function isFrequent({ words }: Anchor): boolean {
  for (const word of words) if (FREQUENT.has(word)) return true;
  return false;
}

/** Prefixes are written as in the rule files, with an asterisk. */
interface Candidate {
  readonly words: readonly string[];
  readonly offset: Extent;
}

function candidatesIn(parts: readonly Part[]): Candidate[] {
  const candidates: Candidate[] = [];
  let before: Extent = NO_WORDS;
  for (const part of parts) {
    const own = part.isOptional ? null : candidateOf(part);
    if (own !== null) candidates.push({ words: own.words, offset: inSequence(before, own.offset) });
    before = inSequence(before, extentOfPart(part));
  }
  return candidates.sort((a, b) => commonness(a.words) - commonness(b.words));
}

/** Of alternatives the rarest words of each together. */
function candidateOf(part: Part): Candidate | null {
  if (part.type === 'word') {
    return { words: [...part.words, ...part.prefixes.map((prefix) => `${prefix}*`)], offset: NO_WORDS };
  }
  if (part.type !== 'either') return null;
  const ways = part.ways.flatMap((way) => candidatesIn(way).slice(0, 1));
  if (ways.length < part.ways.length) return null;
  return { words: ways.flatMap(({ words }) => words), offset: eitherOf(ways.map(({ offset }) => offset)) };
}

function commonness(words: readonly string[]): number {
  return words.filter((word) => FREQUENT.has(word)).length * 1000 + words.length;
}
