import { AnchorSet, NO_ANCHOR } from './anchor-set.js';
import type { Pattern } from './pattern.js';

/**
 * Says in one pass over the words of a sentence which patterns can match at all, and where they can begin. Only the
 * rarest anchor of a pattern, its lead, is noticed for every word; the others are looked for only where the lead
 * leaves them room. The answer lies in arrays that the next sentence overwrites: a call has a thousand.
 */
export class AnchorIndex {
  /** The patterns that can match; as many as {@link read} said. */
  readonly numbers: Int32Array;
  /** For each of these the first and the last word a match can begin with. */
  readonly firstStarts: Int32Array;
  readonly lastStarts: Int32Array;

  private readonly anchors: AnchorSet;
  private readonly plans: LeadPlans;
  /** The kinds of the words of the sentence at hand. */
  private readonly kinds: number[] = [];
  private wordCount = 0;
  private sentence = 0;
  /** For each anchor the sentence in which it was seen last; not for those in nearly every one that lead none. */
  private readonly presentIn: Int32Array;
  /** For each lead in the sentence between which words it stands. */
  private readonly firstAt: Int32Array;
  private readonly lastAt: Int32Array;
  private readonly isNoticed: Uint8Array;
  /** The leads in the sentence. */
  private readonly leads: Int32Array;

  constructor(patterns: readonly Pattern[]) {
    this.anchors = new AnchorSet(patterns.map(({ anchors }) => anchors));
    this.plans = leadPlans(patterns, this.anchors);
    const { size } = this.anchors;
    this.numbers = new Int32Array(patterns.length);
    this.firstStarts = new Int32Array(patterns.length);
    this.lastStarts = new Int32Array(patterns.length);
    this.firstAt = new Int32Array(size);
    this.lastAt = new Int32Array(size);
    this.presentIn = new Int32Array(size);
    this.isNoticed = Uint8Array.from({ length: size }, (_, anchor) => Number(this.anchors.isNoticed(anchor)));
    this.leads = new Int32Array(size);
  }

  /** @returns how many patterns can match */
  read(words: readonly string[], numbers?: readonly number[]): number {
    const { begins } = this.plans;
    const leadCount = this.noteLeads(words, numbers);
    let count = 0;
    for (let i = 0; i < leadCount; i += 1) {
      const lead = this.leads[i] as number;
      const end = begins[lead + 1] as number;
      for (let plan = begins[lead] as number; plan < end; plan += PLAN) {
        if (this.hasOthers(plan) && this.canBegin(lead, plan, count)) count += 1;
      }
    }
    return count;
  }

  /** @returns how many there are */
  private noteLeads(words: readonly string[], numbers: readonly number[] | undefined): number {
    const { firstAt, lastAt, presentIn, anchors } = this;
    const sentence = this.nextSentence();
    this.wordCount = words.length;
    let count = 0;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      const kind =
        numbers === undefined ? anchors.kindOfWord(word) : anchors.kindOf(numbers[at] as number, word);
      this.kinds[at] = kind;
      if (kind === NO_ANCHOR) continue;
      const others = anchors.othersOf(kind);
      for (let i = 0; i < others.length; i += 1) presentIn[others[i] as number] = sentence;
      const leads = anchors.leadsOf(kind);
      for (let i = 0; i < leads.length; i += 1) {
        const lead = leads[i] as number;
        lastAt[lead] = at;
        if (presentIn[lead] === sentence) continue;
        presentIn[lead] = sentence;
        firstAt[lead] = at;
        this.leads[count] = lead;
        count += 1;
      }
    }
    return count;
  }

  /** Whether the other anchors are in the sentence at all: in most they are not. */
  private hasOthers(plan: number): boolean {
    const { numbers: plans } = this.plans;
    for (let other = plan + OTHERS; other < plan + PLAN; other += NEED) {
      const anchor = plans[other] as number;
      if (anchor < 0) return true;
      if (this.presentIn[anchor] !== this.sentence && this.isNoticed[anchor] === 1) return false;
    }
    return true;
  }

  /** Notes at `place` where a match can begin: not further before or after any of its anchors than it can be. */
  private canBegin(lead: number, plan: number, place: number): boolean {
    const { numbers: plans } = this.plans;
    const lastStart = Math.min(
      plans[plan + LAST_START] as number,
      this.wordCount - (plans[plan + MIN_WORDS] as number),
    );
    let first = Math.max(0, (this.firstAt[lead] as number) - (plans[plan + LEAD_MAX] as number));
    let last = Math.min(lastStart, (this.lastAt[lead] as number) - (plans[plan + LEAD_MIN] as number));
    for (let other = plan + OTHERS; other < plan + PLAN && first <= last; other += NEED) {
      const anchor = plans[other] as number;
      if (anchor < 0) break;
      const min = plans[other + 1] as number;
      const max = plans[other + 2] as number;
      const from = this.firstOf(anchor, first + min, last + max);
      if (from < 0) return false;
      first = Math.max(first, from - max);
      last = Math.min(last, this.lastOf(anchor, last + max) - min);
    }
    if (first > last) return false;
    this.numbers[place] = plans[plan] as number;
    this.firstStarts[place] = first;
    this.lastStarts[place] = last;
    return true;
  }

  /** The first word from `from` to `to` that is the anchor, or -1. */
  private firstOf(anchor: number, from: number, to: number): number {
    const end = Math.min(to, this.wordCount - 1);
    for (let at = from; at <= end; at += 1) if (this.anchors.is(this.kinds[at] as number, anchor)) return at;
    return -1;
  }

  /** The last word up to `to` that is the anchor, of which there is one. */
  private lastOf(anchor: number, to: number): number {
    let at = Math.min(to, this.wordCount - 1);
    while (!this.anchors.is(this.kinds[at] as number, anchor)) at -= 1;
    return at;
  }

  private nextSentence(): number {
    this.sentence += 1;
    if (this.sentence === MAX_SENTENCES) {
      this.presentIn.fill(0);
      this.sentence = 1;
    }
    return this.sentence;
  }
}

/** Sentences after which the marks start anew, so that they stay small integers. */
const MAX_SENTENCES = 1 << 28;

/**
 * What must be there for each pattern to match: numbers in a row, the patterns of one lead behind each other. As
 * objects they would lie all over the memory, and most are looked at only to be put aside.
 */
interface LeadPlans {
  readonly numbers: Int32Array;
  /** For each anchor where the plans that it leads begin; they end where those of the next one do. */
  readonly begins: Int32Array;
}

/** A plan begins with the number of its pattern. The lead stands so many words after the start of a match. */
const LEAD_MIN = 1;
const LEAD_MAX = 2;
const LAST_START = 3;
const MIN_WORDS = 4;
/** Then the other anchors, -1 where there is none: number, the fewest and the most words after the start. */
const OTHERS = 5;
const NEED = 3;
const MAX_OTHERS = 2;
const PLAN = OTHERS + MAX_OTHERS * NEED;
const ANYWHERE = 2 ** 31 - 1;

function leadPlans(patterns: readonly Pattern[], anchors: AnchorSet): LeadPlans {
  const byLead = Array.from({ length: anchors.size }, (): number[] => []);
  for (const [number, pattern] of patterns.entries()) {
    const [lead, ...others] = pattern.anchors;
    if (lead === undefined) throw new RangeError(`"${pattern.source}" has no anchor`);
    const lastStart = pattern.isAtStart ? 0 : ANYWHERE;
    const plan = [number, lead.offset.min, lead.offset.max, lastStart, pattern.minWords];
    for (let at = 0; at < MAX_OTHERS; at += 1) {
      const other = others[at];
      plan.push(
        ...(other === undefined ? [-1, 0, 0] : [anchors.numberOf(other), other.offset.min, other.offset.max]),
      );
    }
    byLead[anchors.numberOf(lead)]?.push(...plan);
  }
  const begins = new Int32Array(anchors.size + 1);
  for (const [lead, plans] of byLead.entries()) begins[lead + 1] = (begins[lead] as number) + plans.length;
  return { numbers: Int32Array.from(byLead.flat()), begins };
}
