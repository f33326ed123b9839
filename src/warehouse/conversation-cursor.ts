import { AppError } from '../contracts/errors.js';
import type { ConversationKind } from '../contracts/vendor.js';

/** Where a conversation stands in a list: the newest first, those of one moment by kind and id. */
export interface ConversationPlace {
  readonly kind: ConversationKind;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The cursor for the conversations after this one. */
export function conversationCursor({ at, kind, id }: ConversationPlace): string {
  return Buffer.from(JSON.stringify([at, kind, id])).toString('base64url');
}

/** @throws AppError `REQUEST.INVALID_CURSOR` for what {@link conversationCursor} has not made. */
export function conversationPlaceIn(cursor: string): ConversationPlace {
  const [at, kind, id] = partsOf(Buffer.from(cursor, 'base64url').toString());
  const isPlace =
    [at, kind, id].every((part) => typeof part === 'string') && !Number.isNaN(Date.parse(String(at)));
  if (!isPlace) throw new AppError('REQUEST.INVALID_CURSOR', 'the cursor is none of ours');
  return { at: new Date(String(at)).toISOString(), kind: kind as ConversationKind, id: String(id) };
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts = JSON.parse(text) as unknown;
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Whoever made it up gets the same answer as with any other text.
    return [];
  }
}
