import type { CueMatch } from '../text/cue-index.js';
import type { ConversationView, Line } from './conversation-view.js';
import type { ActionCue } from './rule-set.js';

/**
 * Who has to do it: the speaker of a promise; of a request the one called by name, or null for whoever
 * answers. "Sarah will ..." names a third.
 */
export function ownerOf(
  { cue, start }: CueMatch<ActionCue>,
  words: readonly string[],
  line: Line,
  view: ConversationView,
): string | null {
  const speaker = line.party?.name ?? line.party?.emailAddress ?? null;
  if (cue.owner === 'speaker') return speaker;
  const named = namedParty(words, start, line, view);
  if (named !== null) return named;
  return cue.isRequest ? onlyOther(line, view) : speaker;
}

/** The person whose first or last name stands in the sentence, nearest before the request. */
function namedParty(
  words: readonly string[],
  start: number,
  line: Line,
  view: ConversationView,
): string | null {
  const candidates = view.conversation.parties.flatMap(({ name }, at) =>
    name === null || at === line.partyIndex ? [] : [{ name, names: namesOf(name) }],
  );
  if (!words.some((word) => candidates.some(({ names }) => names.includes(word)))) return null;
  const order = [...words.keys()].sort((a, b) => Math.abs(a - start) - Math.abs(b - start));
  for (const at of order) {
    const word = words[at] ?? '';
    const isCalled = !/^(to|for|with|from|and|by|of|about|tell|ask|email|call|cc|copy)$/.test(
      words[at - 1] ?? '',
    );
    const party = candidates.find(({ names }) => isCalled && names.includes(word));
    if (party !== undefined) return party.name;
  }
  return null;
}

export function namesOf(name: string): string[] {
  return name.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
}

/** In a conversation of two the other one is meant. */
function onlyOther(line: Line, view: ConversationView): string | null {
  const { parties } = view.conversation;
  if (parties.length !== 2) return null;
  const other = parties.find((_party, at) => at !== line.partyIndex);
  return other?.name ?? other?.emailAddress ?? null;
}
