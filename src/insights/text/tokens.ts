import { type WordForm, WordForms } from './word-forms.js';

/** A comma, dash, colon or bracket stands before it. */
export const AFTER_BREAK = 4;
/** The second word of a contraction: written together with the one before. */
export const CONTRACTED = 8;

const wordForms = new WordForms();

/** A sentence as offsets in its text, end exclusive, with its words. */
export interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly isQuestion: boolean;
  /** In lower case; contractions are spelled out: "won't" is `will` `not`. */
  readonly words: readonly string[];
}

/** With the spelling of each word as bits, and its number: needed once, and not kept, because a call has ten thousand. */
export interface TokenizedSentence extends Sentence {
  readonly marks: readonly number[];
  /** Of each word its number; see word-numbers.ts. */
  readonly numbers: readonly number[];
}

const ABBREVIATIONS = new Set(['mr', 'mrs', 'ms', 'dr', 'st', 'vs', 'eg', 'ie', 'inc', 'ltd', 'approx']);

/** Splits a text into sentences. Offsets are of the text as given, so that a slice is always a true quote. */
export function sentencesOf(text: string): TokenizedSentence[] {
  const builder = new SentenceBuilder(text);
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const end = code === SPACE ? at + 1 : endOfPiece(text, at, code);
    if (code !== SPACE) builder.take(at, end, code);
    at = end;
  }
  return builder.finish();
}

const NEWLINE = 10;
const SPACE = 32;
const DOT = 46;

/** Where the word, the run of end marks or the single other sign that begins at `at` ends. */
function endOfPiece(text: string, at: number, code: number): number {
  let end = at + 1;
  if (isWordCode(code)) {
    while (isWordCode(text.charCodeAt(end)) || isWithinWord(text, end)) end += 1;
    return text.charCodeAt(end) === DOT ? end + domainLength(text, end) : end;
  }
  if (isEnd(code)) while (isEnd(text.charCodeAt(end))) end += 1;
  return end;
}

/** An apostrophe between letters. */
function isWithinWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === 39 || code === 0x2019) && isWordCode(text.charCodeAt(at + 1));
}

/** Product names such as "People.ai" are one word. */
const DOMAINS = ['.io', '.ai', '.com'];

function domainLength(text: string, at: number): number {
  const domain = DOMAINS.find((one) => text.startsWith(one, at));
  return domain !== undefined && !isWordCode(text.charCodeAt(at + domain.length)) ? domain.length : 0;
}

class SentenceBuilder {
  private readonly sentences: TokenizedSentence[] = [];
  private words: string[] = [];
  private marks: number[] = [];
  private numbers: number[] = [];
  /** Where the words begin; what stands beyond their number is of an earlier sentence. */
  private readonly places: number[] = [];
  private isAfterBreak = false;
  private end = 0;

  constructor(private readonly text: string) {}

  /**
   * @param at, end: a piece as given by endOfPiece
   * @param code with which it begins
   */
  take(at: number, end: number, code: number): void {
    if (isWordCode(code)) this.word(wordForms.of(this.text, at, end), at, end);
    else if (isEnd(code)) this.endMark(this.text.slice(at, end), at);
    else if (code === NEWLINE) this.newline(at);
    else if (isBreak(code)) this.isAfterBreak = true;
  }

  finish(): TokenizedSentence[] {
    this.close(false);
    return this.sentences;
  }

  private endMark(mark: string, at: number): void {
    const after = this.text.charCodeAt(at + mark.length);
    const isAtSpace = !isWordCode(after);
    const last = this.words.at(-1) ?? '';
    if (!isAtSpace || (mark === '.' && ABBREVIATIONS.has(last))) {
      this.isAfterBreak = true;
      return;
    }
    this.end = at + mark.length;
    this.close(mark.includes('?'));
  }

  /** A blank line or a list mark ends a sentence; so does the end of a short line, such as a greeting. */
  private newline(at: number): void {
    const lineStart = this.text.lastIndexOf('\n', at - 1) + 1;
    const isBeforeList = LIST_MARK.test(this.text.slice(at + 1, at + 8));
    if (isBeforeList || at - lineStart < SHORT_LINE) this.close(false);
    else this.isAfterBreak = true;
  }

  private word({ words, numbers, marks }: WordForm, at: number, end: number): void {
    if (words.length === 0) this.isAfterBreak = true;
    else this.end = end;
    for (let i = 0; i < words.length; i += 1) {
      this.places[this.words.length] = at;
      this.words.push(words[i] as string);
      this.numbers.push(numbers[i] as number);
      this.marks.push(marks | (this.isAfterBreak ? AFTER_BREAK : 0) | (i > 0 ? CONTRACTED : 0));
      this.isAfterBreak = false;
      this.dropStutter();
    }
  }

  private close(isQuestion: boolean): void {
    const { words, marks, numbers, end } = this;
    if (words.length > 0) {
      this.sentences.push({ start: this.places[0] as number, end, isQuestion, words, marks, numbers });
      this.words = [];
      this.marks = [];
      this.numbers = [];
    }
    this.isAfterBreak = false;
  }

  /** "the, the report" and "it's, it's not": what was said again after a break counts once. */
  private dropStutter(): void {
    const count = this.words.length;
    if (count < 2 || !(this.isBroken(1) || this.isBroken(2))) return;
    if (this.isBroken(1) && this.back(1) === this.back(2)) this.drop(count - 2, 1);
    else if (count >= 3 && this.isAside()) this.drop(count - 3, 2);
    else if (count >= 4 && this.isSaidAgain()) this.drop(count - 4, 2);
  }

  private isSaidAgain(): boolean {
    return this.isBroken(2) && this.back(1) === this.back(3) && this.back(2) === this.back(4);
  }

  /** "you know" and "i mean" between two breaks. */
  private isAside(): boolean {
    if (!this.isBroken(1) || !this.isBroken(3)) return false;
    const [first, second] = [this.back(3), this.back(2)];
    return (first === 'you' && second === 'know') || (first === 'i' && second === 'mean');
  }

  /** @param distance 1 for the last word */
  private back(distance: number): string | undefined {
    return this.words[this.words.length - distance];
  }

  private isBroken(distance: number): boolean {
    return ((this.marks[this.marks.length - distance] as number) & AFTER_BREAK) > 0;
  }

  private drop(at: number, count: number): void {
    this.words.splice(at, count);
    this.marks.splice(at, count);
    this.numbers.splice(at, count);
    this.places.copyWithin(at, at + count);
  }
}

/** A blank line, or a line that begins as the items of a list do. */
const LIST_MARK = /^[\t \r]*(?:\n|[-*•])/;
const SHORT_LINE = 40;

function isEnd(code: number): boolean {
  return code === DOT || code === 63 || code === 33 || code === 8230;
}

/** Signs and dashes; letters of every script, and what joins them, are no break. */
function isBreak(code: number): boolean {
  return code < 128 || (code >= 0x2010 && code <= 0x206f) || (code >= 0x3000 && code <= 0x303f);
}

function isWordCode(code: number): boolean {
  return code < 128 ? IS_WORD[code] === 1 : code >= 0xc0 && !isBreak(code);
}

/** Every letter of every text is looked up here. */
const IS_WORD = Uint8Array.from({ length: 128 }, (_, code) =>
  /[a-zA-Z0-9]/.test(String.fromCharCode(code)) ? 1 : 0,
);
