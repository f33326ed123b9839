/** The vendors whose webhooks we take. Adding one here makes start-up refuse until its adapter exists. */
export const VENDORS = ['gong', 'zoho'] as const;
export type Vendor = (typeof VENDORS)[number];

/** A conversation at Gong. */
export type ConversationKind = 'call' | 'email' | 'meeting';

/** What an event is about: a conversation, or a record of the CRM. */
export type EventKind = ConversationKind | 'record';
export const EVENT_KINDS = ['call', 'email', 'meeting', 'record'] as const satisfies readonly EventKind[];
