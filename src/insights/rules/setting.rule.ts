import type { ConversationView } from './conversation-view.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';

/** Ids of what a text says of the conversation it is part of. */
export function settingsIn(words: readonly string[], rules: RuleSet): string[] {
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
