import type { ConversationView } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { RuleSet } from './rule-set.js';

/** Insights from the title, for calls with people from outside: an internal "churn review" threatens nothing. */
export function titleFindings({ conversation, isInternal }: ConversationView, rules: RuleSet): Finding[] {
  const { title } = conversation;
  if (title === null || isInternal || conversation.side === 'internal') return [];
  const places = [...title.matchAll(/[\p{L}\p{N}]+/gu)];
  const words = places.map(([word]) => word.toLowerCase());
  return rules.titles.flatMap(({ kind, cues }) => {
    const [match] = cues.find(words);
    const first = match === undefined ? undefined : places[match.start];
    const last = match === undefined ? undefined : places[match.end - 1];
    if (match === undefined || first === undefined || last === undefined) return [];
    const evidence = {
      quote: title.slice(first.index, last.index + last[0].length),
      speaker: null,
      side: conversation.side,
      startMs: null,
      endMs: null,
      field: conversation.titleField,
    };
    const { id, weight } = match.cue;
    return [{ kind, rules: [id], source: 'rules' as const, score: rounded(weight), evidence: [evidence] }];
  });
}
