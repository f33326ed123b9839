import { type Conversation, NO_SIGNALS } from '../../contracts/conversation.js';
import type { ConversationKind } from '../../contracts/vendor.js';

/** A single text as a conversation of its own, said or written by somebody from outside. */
function conversationOfText(kind: ConversationKind, text: string): Conversation {
  return {
    kind,
    objectId: 'text',
    title: null,
    titleField: 'title',
    durationSeconds: null,
    startedAt: null,
    utcOffsetMinutes: null,
    side: 'external',
    parties: [
      { id: null, name: null, emailAddress: null, title: null, side: 'external', speakerId: 'speaker' },
    ],
    trackers: [],
    utterances: [{ text, partyIndex: 0, turn: 0, startMs: null, endMs: null, field: 'text' }],
    signals: NO_SIGNALS,
  };
}

export function mailOf(text: string): Conversation {
  return conversationOfText('email', text);
}

export function utteranceOf(text: string): Conversation {
  return conversationOfText('call', text);
}
