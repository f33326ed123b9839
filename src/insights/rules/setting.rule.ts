import type { ConversationView, Turn } from './conversation-view.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';

/** Ids of what a text says of the conversation it is part of. */
function settingsIn(words: readonly string[], rules: RuleSet): string[] {
  return rules.setting.find(words).map(({ cue }) => cue.id);
}

/** A first sale: there is nothing to lose yet, and nothing to sell more of. */
export function isAboutProspect(
  lines: readonly MarkedLine[],
  { conversation }: ConversationView,
  rules: RuleSet,
): boolean {
  const title = (conversation.title ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (settingsIn(title, rules).includes('title.prospect')) return true;
  return lines.some(({ words }) => settingsIn(words, rules).includes('about.prospect'));
}

/** Turns before and after that still belong to what is said. */
const NEAR_TURNS = 2;

/** What the turns are about, each looked at once and only when asked for. */
export class TurnSettings {
  private readonly byTurn = new Map<number, MarkedLine[]>();
  private readonly known = new Map<number, ReadonlySet<string>>();

  constructor(
    lines: readonly MarkedLine[],
    private readonly rules: RuleSet,
  ) {
    for (const marked of lines) {
      const { at } = marked.line.turn;
      const group = this.byTurn.get(at);
      if (group === undefined) this.byTurn.set(at, [marked]);
      else group.push(marked);
    }
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
    const found = new Set(lines.flatMap(({ words }) => settingsIn(words, this.rules)));
    this.known.set(at, found);
    return found;
  }
}
