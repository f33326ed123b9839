import type { Turn } from './conversation-view.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';

/** Turns before and after that still belong to what is said. */
const NEAR_TURNS = 2;

/** What a conversation and its turns are about, each looked at once and only when asked for. */
export class Settings {
  private readonly byTurn = new Map<number, MarkedLine[]>();
  private readonly known = new Map<number, ReadonlySet<string>>();
  private isFirstSale?: boolean;

  constructor(
    private readonly lines: readonly MarkedLine[],
    private readonly title: string | null,
    private readonly rules: RuleSet,
  ) {
    for (const marked of lines) {
      const { at } = marked.line.turn;
      const group = this.byTurn.get(at);
      if (group === undefined) this.byTurn.set(at, [marked]);
      else group.push(marked);
    }
  }

  /** A first sale: there is nothing to lose yet, and nothing to sell more of. */
  get isAboutProspect(): boolean {
    return (this.isFirstSale ??=
      this.hasProspectTitle() || this.lines.some((line) => this.tellsOfProspect(line)));
  }

  /** What is cancelled or complained of without a name may be a payment or an order of the same turn. */
  isAboutTransaction({ at }: Turn): boolean {
    return this.settings(at).has('about.transaction');
  }

  /** Whether this turn, or one close to it, is about us or what they have of us. */
  isNearUs({ at }: Turn): boolean {
    for (let near = at - NEAR_TURNS; near <= at + NEAR_TURNS; near += 1) {
      if (this.settings(near).has('about.us')) return true;
    }
    return false;
  }

  private settings(at: number): ReadonlySet<string> {
    const known = this.known.get(at);
    if (known !== undefined) return known;
    const lines = this.byTurn.get(at) ?? [];
    const matches = lines.flatMap(({ words, numbers }) => this.rules.setting.find(words, numbers));
    const found = new Set(matches.map(({ cue }) => cue.id));
    this.known.set(at, found);
    return found;
  }

  private hasProspectTitle(): boolean {
    const words = (this.title ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    return this.rules.setting.find(words).some(({ cue }) => cue.id === 'title.prospect');
  }

  private tellsOfProspect({ words, numbers }: MarkedLine): boolean {
    return this.rules.prospect.find(words, numbers).length > 0;
  }
}
