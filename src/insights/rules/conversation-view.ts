import type { Conversation, Party, Utterance } from '../../contracts/conversation.js';
import type { Evidence, Side } from '../../contracts/insight.js';
import { type Sentence, sentencesOf, type TokenizedSentence } from '../text/tokens.js';
import { wordNumber } from '../text/word-numbers.js';

/** A sentence with who said it and where. */
export interface Line {
  readonly utterance: Utterance;
  readonly sentence: Sentence;
  readonly party: Party | null;
  readonly partyIndex: number | null;
  /** Whose view is heard. */
  readonly side: Side;
  readonly turn: Turn;
}

/** What one person said before somebody else spoke. */
export interface Turn {
  /** Place among the turns, from 0. */
  readonly at: number;
  readonly partyIndex: number | null;
  readonly party: Party | null;
  readonly side: Side;
  readonly lines: Line[];
}

/** A conversation as the rules read it: turns of sentences. */
export interface ConversationView {
  readonly conversation: Conversation;
  readonly turns: readonly Turn[];
  readonly lines: readonly Line[];
  /** Nobody from outside took part. */
  readonly isInternal: boolean;
}

/** Where a quoted earlier mail begins: it was analysed when it came. */
const QUOTED_MAIL = /^(?:>|-{2,} ?(?:original message|forwarded)|on .{5,120} wrote:|from: .+)/i;

/**
 * Reads the conversation turn by turn; yields after each, so that the caller can let others run.
 * @param onLine is given each line with its words as written, which the view does not keep
 */
export function* readConversation(
  conversation: Conversation,
  onLine: (line: Line, written: TokenizedSentence) => void,
): Generator<void, ConversationView> {
  const turns: Turn[] = [];
  let number: number | null = null;
  for (const utterance of conversation.utterances) {
    const last = turns.at(-1);
    const isSame =
      last !== undefined && number === utterance.turn && last.partyIndex === utterance.partyIndex;
    const turn = isSame ? last : newTurn(conversation, utterance, turns.length);
    if (!isSame) turns.push(turn);
    number = utterance.turn;
    addLines(turn, utterance, conversation.kind, onLine);
    yield;
  }
  const sides = conversation.parties.map(({ side }) => side);
  return {
    conversation,
    turns,
    lines: turns.flatMap((turn) => turn.lines),
    isInternal: sides.length > 0 && sides.every((side) => side === 'internal'),
  };
}

/** Whoever wrote a note, it tells of the customer. */
function newTurn({ kind, parties }: Conversation, { partyIndex }: Utterance, at: number): Turn {
  const party = partyIndex === null ? null : (parties[partyIndex] ?? null);
  const side = kind === 'note' ? 'external' : (party?.side ?? 'unknown');
  return { at, partyIndex, party, side, lines: [] };
}

function addLines(
  turn: Turn,
  utterance: Utterance,
  kind: Conversation['kind'],
  onLine: (line: Line, written: TokenizedSentence) => void,
): void {
  const end = kind === 'email' ? startOfQuote(utterance.text) : utterance.text.length;
  const { party, partyIndex, side } = turn;
  for (const sentence of sentencesOf(utterance.text.slice(0, end))) {
    const written = kind === 'note' ? inThirdPerson(sentence) : sentence;
    const { start, end: stop, isQuestion, words } = written;
    const line = {
      utterance,
      sentence: { start, end: stop, isQuestion, words },
      party,
      partyIndex,
      side,
      turn,
    };
    turn.lines.push(line);
    onLine(line, written);
  }
}

/** In our notes "the customer" is the one whose account it is; in a customer's mouth it is a customer of theirs. */
function inThirdPerson(written: TokenizedSentence): TokenizedSentence {
  const isThem = (word: string) => word === 'customer' || word === 'client';
  const words = written.words.map((word) => (isThem(word) ? 'they' : word));
  return { ...written, words, numbers: words.map(wordNumber) };
}

function startOfQuote(text: string): number {
  let at = 0;
  for (const line of text.split('\n')) {
    if (QUOTED_MAIL.test(line.trimStart())) return at;
    at += line.length + 1;
  }
  return text.length;
}

/** Evidence that quotes a whole sentence. */
export function lineEvidence(line: Line): Evidence {
  const { utterance, sentence, party } = line;
  return {
    quote: utterance.text.slice(sentence.start, sentence.end),
    speaker: party?.name ?? party?.emailAddress ?? null,
    side: party?.side ?? 'unknown',
    startMs: utterance.startMs,
    endMs: utterance.endMs,
    field: utterance.field,
    turn: utterance.turn,
  };
}
