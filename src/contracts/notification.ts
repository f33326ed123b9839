import type { Insight, NextStep, Priority } from './insight.js';
import type { ConversationKind, Vendor } from './vendor.js';

export const NOTIFICATION_TYPES = [
  'call',
  'email',
  'meeting',
  'insight',
  'action',
  'error',
  'account',
] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

/** Channels by kind, after the prefix: `gong:calls` of `sophia:gong:calls`. */
export const KIND_CHANNELS = [
  'gong:calls',
  'gong:emails',
  'gong:meetings',
  'gong:insights',
  'gong:errors',
  'gong:actions',
  'zoho:accounts',
  'zoho:errors',
  'zoho:actions',
] as const;
export type ChannelName = (typeof KIND_CHANNELS)[number];

/** Channels that carry again what is urgent on the others. */
export const PRIORITY_CHANNELS = ['gong:priority:high', 'gong:priority:urgent'] as const;
export type PriorityChannelName = (typeof PRIORITY_CHANNELS)[number];

export const ALL_CHANNELS = [...KIND_CHANNELS, ...PRIORITY_CHANNELS] as const;
export type AnyChannelName = (typeof ALL_CHANNELS)[number];

/** What a message is about. */
export interface NotificationSubject {
  readonly type: ConversationKind | 'account';
  readonly id: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly account: { readonly id: string; readonly name: string | null } | null;
}

/**
 * A message for agents (contract: "Redis messages"; JSON Schema: src/notifications/message-schema.ts).
 * Never carries a payload or a secret.
 */
export interface Notification {
  readonly v: 1;
  readonly id: string;
  readonly type: NotificationType;
  readonly channel: string;
  readonly priority: Priority;
  readonly vendor: Vendor;
  readonly eventId: string;
  readonly correlationId: string;
  /** When it happened at the vendor's, ISO 8601; null where the payload does not say. */
  readonly occurredAt: string | null;
  readonly publishedAt: string;
  readonly subject: NotificationSubject | null;
  readonly summary: string;
  readonly insights: readonly Insight[];
  readonly actions: readonly Insight[];
  /** For an error: what to do about it. */
  readonly nextSteps: readonly NextStep[];
  readonly error?: { readonly code: string; readonly message: string; readonly stage: string };
  /** Id of the earlier message about the same object, which this one replaces. */
  readonly supersedes?: string;
}

/** What somebody wants said; the publisher adds version, id, channel name, time and `supersedes`. */
export interface NotificationDraft {
  readonly channel: ChannelName;
  /** What it is about: the change id, or the event id where the event has none. */
  readonly changeId: string;
  /**
   * What of it could be news, e.g. a kind and insight ids. When all of it was told on this channel before,
   * under this change id, the draft is not published.
   */
  readonly news: readonly string[];
  /** A later message of this channel and change id replaces the earlier one. */
  readonly supersedesEarlier?: boolean;
  /** Id of a replay whose operator asked to be told again: once more for each replay, news or not. */
  readonly replayId?: string;
  readonly message: Omit<Notification, 'v' | 'id' | 'channel' | 'publishedAt' | 'supersedes'>;
}
