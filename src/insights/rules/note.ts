import type { NoteFacts } from '../../contracts/account-facts.js';
import { type Conversation, NO_SIGNALS, type Utterance } from '../../contracts/conversation.js';
import type { Finding } from './finding.js';
import { sentencesOf } from '../text/tokens.js';

/**
 * A note as a conversation of one speaker of ours. Each sentence is a turn of its own, because a note leaps from
 * one matter to the next.
 */
export function conversationOfNote({ id, title, text, author, writtenAt }: NoteFacts): Conversation {
  const head = title === null ? [] : [{ text: title, field: `Notes[${id}].Note_Title` }];
  const body = sentencesOf(text).map(({ start, end }) => ({
    text: text.slice(start, end),
    field: `Notes[${id}].Note_Content`,
  }));
  return {
    kind: 'note',
    objectId: id,
    title: null,
    titleField: 'Note_Title',
    durationSeconds: null,
    startedAt: writtenAt,
    utcOffsetMinutes: null,
    side: 'internal',
    parties: [{ id: null, name: author, emailAddress: null, title: null, side: 'internal', speakerId: null }],
    trackers: [],
    utterances: [...head, ...body].map(({ text: said, field }, turn): Utterance => ({
      text: said,
      partyIndex: 0,
      turn,
      startMs: null,
      endMs: null,
      field,
    })),
    signals: NO_SIGNALS,
  };
}

/** In a note one word of good or bad news is no mood. */
const CLEAR_MOOD = 0.3;

/** What is found in every conversation, because people of a call always have some mood, is rare in a note. */
export function isWorthTelling({ kind, label, score }: Finding): boolean {
  return kind !== 'sentiment' || (label !== 'neutral' && score >= CLEAR_MOOD);
}
