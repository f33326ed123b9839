import { type Conversation, NO_SIGNALS, type Party } from '../../contracts/conversation.js';
import type { Priority, Side, Stance } from '../../contracts/insight.js';
import type { ConversationKind } from '../../contracts/vendor.js';

/** What people found in a labelled call; `turn` is the turn's place. */
export interface CallLabels {
  readonly competitors: readonly {
    readonly turn: number;
    readonly competitor: string;
    readonly stance: Stance;
  }[];
  /** With the places of the turns that show it. */
  readonly churn: { readonly level: 'none' | 'weak' | 'strong'; readonly turns: readonly number[] };
  readonly upsell: { readonly level: 'none' | 'weak' | 'strong' };
  readonly actions: readonly {
    readonly turn: number;
    readonly owner: string;
    readonly due: string | null;
    readonly text: string;
  }[];
  readonly sentiment: 'negative' | 'neutral' | 'positive';
  readonly priority: Priority;
}

/** One line of a calls file: a call, meeting or e-mail in turns; see config/insights/README.md for the fields. */
interface CallLine {
  readonly id: string;
  readonly kind?: ConversationKind;
  readonly title?: string;
  readonly startedAt?: string;
  readonly durationSec?: number;
  readonly parties?: readonly {
    readonly speakerId?: string;
    readonly name?: string;
    readonly side?: string;
    readonly title?: string;
    readonly email?: string;
  }[];
  readonly turns?: readonly {
    readonly i?: number;
    readonly speakerId?: string;
    readonly startMs?: number;
    readonly endMs?: number;
    readonly text?: string;
  }[];
  readonly labels?: CallLabels;
}

export interface LabelledCall {
  readonly id: string;
  readonly conversation: Conversation;
  readonly labels: CallLabels | null;
}

/** Reads a file of lines; empty ones are passed over. */
export function readCallLines(text: string): LabelledCall[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readCallLine);
}

/** Reads one line. @throws Error that says what is missing, for the person who wrote the file */
export function readCallLine(line: string): LabelledCall {
  const call = JSON.parse(line) as CallLine;
  if (typeof call.id !== 'string') throw new Error('has no "id"');
  if (!Array.isArray(call.turns)) throw new Error('has no "turns"');
  const parties = (call.parties ?? []).map(partyOf);
  return { id: call.id, labels: call.labels ?? null, conversation: conversationOf(call, parties) };
}

function conversationOf(call: CallLine, parties: readonly Party[]): Conversation {
  const isInternal = parties.length > 0 && parties.every(({ side }) => side === 'internal');
  return {
    kind: call.kind ?? 'call',
    objectId: call.id,
    title: call.title ?? null,
    titleField: 'title',
    durationSeconds: call.durationSec ?? null,
    startedAt: call.startedAt ?? null,
    utcOffsetMinutes: offsetOf(call.startedAt),
    side: isInternal ? 'internal' : 'external',
    parties,
    trackers: [],
    utterances: (call.turns ?? []).map((turn, at) => ({
      text: turn.text ?? '',
      partyIndex: partyIndexOf(parties, turn.speakerId),
      turn: turn.i ?? at,
      startMs: turn.startMs ?? null,
      endMs: turn.endMs ?? null,
      field: `turns[${at}].text`,
    })),
    signals: NO_SIGNALS,
  };
}

function partyOf({ speakerId, name, side, title, email }: NonNullable<CallLine['parties']>[number]): Party {
  return {
    id: null,
    name: name ?? null,
    emailAddress: email ?? null,
    title: title ?? null,
    side: sideOf(side),
    speakerId: speakerId ?? null,
  };
}

function sideOf(side: string | undefined): Side {
  return side === 'internal' || side === 'external' ? side : 'unknown';
}

function partyIndexOf(parties: readonly Party[], speakerId: string | undefined): number | null {
  const at = parties.findIndex((party) => party.speakerId !== null && party.speakerId === speakerId);
  return at < 0 ? null : at;
}

/** The offset that the instant itself is written with: the place's on that day. */
function offsetOf(startedAt: string | undefined): number | null {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(startedAt ?? '');
  if (match === null) return startedAt?.endsWith('Z') === true ? 0 : null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
