import { letterHash } from './letter-hash.js';
import { wordNumber } from './word-numbers.js';

/** How a word is written, as bits. */
export const CAPITAL = 1;
/** Two letters or more, all of them capitals. */
export const SHOUTED = 2;
const FILLERS = new Set(['uh', 'um', 'uhm', 'er', 'erm', 'hmm', 'mm', 'mhm', 'ah', 'eh']);
/** In speech and chat the apostrophe is often lost. */
const SPELLED_OUT = new Map<string, readonly string[]>(
  Object.entries({
    cannot: ['can', 'not'],
    gonna: ['going', 'to'],
    wanna: ['want', 'to'],
    gotta: ['got', 'to'],
    im: ['i', 'am'],
    ive: ['i', 'have'],
    youre: ['you', 'are'],
    theyre: ['they', 'are'],
    thats: ['that', 'is'],
    lets: ['let', 'us'],
    cant: ['can', 'not'],
    wont: ['will', 'not'],
    aint: ['is', 'not'],
    "y'all": ['you'],
    yall: ['you'],
  }),
);
const SUFFIXES: Readonly<Record<string, string>> = {
  ll: 'will',
  re: 'are',
  ve: 'have',
  m: 'am',
  d: 'would',
};
const IS_AFTER = new Set(
  'i you he she it we they that this there here what who where when why how everything everyone nobody somebody anybody one'.split(
    ' ',
  ),
);
const NEGATED_WITHOUT_APOSTROPHE =
  /^(do|did|does|is|are|was|were|have|has|had|would|could|should|must|need)nt$/;

/** What a word as written stands for; a filler stands for nothing. */
export interface WordForm {
  /** As written. */
  readonly piece: string;
  /** In lower case; contractions are spelled out: "won't" is `will` `not`. */
  readonly words: readonly string[];
  /** Of each word its number; see word-numbers.ts. */
  readonly numbers: readonly number[];
  /** {@link CAPITAL} and {@link SHOUTED} */
  readonly marks: number;
}

/** Places for forms: a power of two, and more than a language has words in use. */
const PLACES = 1 << 15;
/** So many places after its own a form is looked for; then another one has to leave. */
const MAX_STEPS = 4;

/**
 * Remembers what words as written stand for: a language has few words and many occurrences. A map would need each
 * piece cut out of its text first, to be looked up and thrown away; this finds it where it stands. However the words
 * are chosen, a look-up takes at most {@link MAX_STEPS} steps, and no more than {@link PLACES} forms are kept.
 */
export class WordForms {
  private readonly forms: (WordForm | undefined)[] = new Array<WordForm | undefined>(PLACES).fill(undefined);

  /** @param at, end: where the word stands in the text */
  of(text: string, at: number, end: number): WordForm {
    const home = placeOf(text, at, end);
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const place = (home + step) & (PLACES - 1);
      const form = this.forms[place];
      if (form === undefined) return this.learn(place, text.slice(at, end));
      if (isWritten(form.piece, text, at, end)) return form;
    }
    return this.learn(home, text.slice(at, end));
  }

  private learn(place: number, piece: string): WordForm {
    const form = formOf(piece);
    this.forms[place] = form;
    return form;
  }
}

function placeOf(text: string, at: number, end: number): number {
  const hash = letterHash(text, at, end);
  return (hash ^ (hash >>> 15)) & (PLACES - 1);
}

function isWritten(piece: string, text: string, at: number, end: number): boolean {
  if (piece.length !== end - at) return false;
  for (let i = 0; i < piece.length; i += 1) if (piece.charCodeAt(i) !== text.charCodeAt(at + i)) return false;
  return true;
}

function formOf(piece: string): WordForm {
  const lower = piece.toLowerCase().replaceAll('’', "'");
  const isCapital = piece.charCodeAt(0) !== lower.charCodeAt(0);
  const isShouted = isCapital && piece.length > 1 && piece === piece.toUpperCase();
  const marks = (isCapital ? CAPITAL : 0) | (isShouted ? SHOUTED : 0);
  const words = FILLERS.has(lower) ? [] : spelledOut(lower);
  return { piece, words, numbers: words.map(wordNumber), marks };
}

function spelledOut(word: string): readonly string[] {
  const known = SPELLED_OUT.get(word);
  if (known !== undefined) return known;
  const apostrophe = word.lastIndexOf("'");
  if (apostrophe > 0) return contraction(word.slice(0, apostrophe), word.slice(apostrophe + 1), word);
  if (word.endsWith('nt')) {
    const verb = NEGATED_WITHOUT_APOSTROPHE.exec(word)?.[1];
    if (verb !== undefined) return [verb, 'not'];
  }
  return [word];
}

function contraction(base: string, suffix: string, word: string): readonly string[] {
  if (suffix === 't' && base.endsWith('n')) {
    if (base === 'won') return ['will', 'not'];
    return [base === 'can' ? 'can' : base.slice(0, -1), 'not'];
  }
  if (suffix === 's') {
    if (base === 'let') return ['let', 'us'];
    return [base, IS_AFTER.has(base) ? 'is' : "'s"];
  }
  const second = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
  return second === undefined ? [word] : [...spelledOut(base), second];
}
