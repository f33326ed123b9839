import type { Insight, NextStep, Priority } from './insight.js';
import type { Subject } from './conversation.js';
import type { Vendor } from './vendor.js';

export type NotificationType = 'call' | 'email' | 'meeting' | 'error';

/** Channel names after the prefix, e.g. `gong:calls` of `sophia:gong:calls`. */
export type ChannelName = 'gong:calls' | 'gong:emails' | 'gong:meetings' | 'gong:errors' | 'zoho:errors';

/** A message for agents (contract: "Redis messages"). Never carries a payload or a secret. */
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
  readonly subject: Subject | null;
  readonly summary: string;
  readonly insights: readonly Insight[];
  readonly actions: readonly Insight[];
  readonly nextSteps: readonly NextStep[];
  readonly error?: { readonly code: string; readonly message: string; readonly stage: string };
}

/** What a stage wants said; the publisher adds version, id, channel name and time. */
export interface NotificationDraft {
  readonly channel: ChannelName;
  /** What makes it the same message when it is sent again: change id, kind and insight ids. */
  readonly identity: readonly string[];
  readonly message: Omit<Notification, 'v' | 'id' | 'channel' | 'publishedAt'>;
}
