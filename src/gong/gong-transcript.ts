import type { Party, Utterance } from '../contracts/conversation.js';
import type { Json, JsonObject } from '../contracts/json.js';
import type { PayloadReader } from './gong-call.payload.js';

/**
 * The sentences of a transcript, each with its speaker's place among the parties. Gong begins a new monologue for a
 * new topic too: without a change of speaker it is the same turn. Who has no speaker id may be anybody, so each of
 * their monologues is a turn of its own.
 * @param transcript `[{speakerId, topic, sentences: [{start, end, text}]}]`, times in milliseconds.
 */
export function utterancesOf(
  reader: PayloadReader,
  transcript: readonly Json[],
  parties: readonly Party[],
): Utterance[] {
  const placeOf = new Map(parties.map(({ speakerId }, index) => [speakerId, index] as const).reverse());
  const utterances: Utterance[] = [];
  let turn = -1;
  let lastSpeaker: string | null = null;
  for (const { item, path } of reader.objects({ transcript }, 'transcript', '')) {
    const speakerId = reader.text(item, 'speakerId', path);
    if (turn < 0 || speakerId === null || speakerId !== lastSpeaker) turn += 1;
    lastSpeaker = speakerId;
    const partyIndex = speakerId === null ? null : (placeOf.get(speakerId) ?? null);
    for (const sentence of reader.objects(item, 'sentences', path)) {
      utterances.push(...utterance(reader, sentence, partyIndex, turn));
    }
  }
  return utterances;
}

function utterance(
  reader: PayloadReader,
  { item, path }: { item: JsonObject; path: string },
  partyIndex: number | null,
  turn: number,
): Utterance[] {
  const text = reader.text(item, 'text', path);
  if (text === null || text.trim() === '') return [];
  const startMs = reader.number(item, 'start', path);
  const endMs = reader.number(item, 'end', path);
  return [{ text, partyIndex, turn, startMs, endMs, field: `${path}text` }];
}
