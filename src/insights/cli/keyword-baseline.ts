import type { Conversation } from '../../contracts/conversation.js';
import type { Competitor } from '../rules/competitor.js';
import { sentencesOf } from '../text/tokens.js';

/** What a list of phrases finds: the trackers that people set up by hand. It is here to compare with. */
const KEYWORDS = {
  churn:
    /\b(cancel\w*|churn\w*|terminat\w+|leav(e|ing)|switch(ing)?|not renew\w*|renewal|clos(e|ing) (my|our|the) account|downgrad\w+)\b/i,
  upsell:
    /\b(more seats|more licen[sc]es|more users|upgrade|expand|expansion|add (seats|users|licen[sc]es)|module)\b/i,
  action: /\b(i'll|i will|we'll|we will|can you|could you|action item|follow up|send)\b/i,
  ask: /\?|\b(please|can you|could you|would you|let me know|i will|i'll)\b/i,
} as const;

export function hasKeyword(kind: keyof typeof KEYWORDS, text: string): boolean {
  return KEYWORDS[kind].test(text);
}

/** Turns in which an alias stands, whatever is meant by it. */
export function keywordMentions(
  { utterances }: Conversation,
  competitors: readonly Competitor[],
): { readonly turn: number; readonly competitor: string }[] {
  return utterances.flatMap(({ text, turn }) => {
    const words = sentencesOf(text).flatMap((sentence) => sentence.words);
    const isNamed = ({ aliases }: Competitor) =>
      aliases.some((alias) =>
        words.some((_word, at) => alias.every((part, next) => words[at + next] === part)),
      );
    return competitors.filter(isNamed).map(({ id }) => ({ turn, competitor: id }));
  });
}
