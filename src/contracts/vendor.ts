/** The vendors whose webhooks we take. Adding one here makes start-up refuse until its adapter exists. */
export const VENDORS = ['gong'] as const;
export type Vendor = (typeof VENDORS)[number];

/** What an event is about. */
export type EventKind = 'call' | 'email' | 'meeting';
