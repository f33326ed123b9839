import type { Conversation } from '../../contracts/conversation.js';
import type { Finding } from './finding.js';
import { RULE_SET } from './rule-set.js';

type TitledKind = keyof typeof RULE_SET.titles;

/** Insights from the title, for calls with people from outside: an internal "churn review" threatens nothing. */
export function titleFindings(conversation: Conversation): Finding[] {
  const { title } = conversation;
  if (title === null || conversation.side === 'internal') return [];
  const kinds = Object.keys(RULE_SET.titles) as TitledKind[];
  return kinds.flatMap((kind) => {
    const quote = firstMatch(title, RULE_SET.titles[kind]);
    if (quote === undefined) return [];
    const evidence = [
      {
        quote,
        speaker: null,
        side: conversation.side,
        startMs: null,
        endMs: null,
        field: conversation.titleField,
      },
    ];
    return [{ kind, rule: `title.${kind}`, source: 'rules', score: RULE_SET.scores.title, evidence }];
  });
}

/** The words as the title has them, so that the quote is an exact substring. */
function firstMatch(title: string, phrases: readonly string[]): string | undefined {
  for (const phrase of phrases) {
    const words = phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const match = new RegExp(`\\b${words}\\b`, 'i').exec(title);
    if (match !== null) return match[0];
  }
  return undefined;
}
