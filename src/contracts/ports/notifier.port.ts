import type { NotificationDraft } from '../notification.js';

/** Tells agents. What was told before is not told again (NotificationDraft says when). */
export interface Notifier {
  /** @returns whether it was published now (false: there was no news in it). */
  publish(draft: NotificationDraft): Promise<boolean>;
}

export const Notifier = Symbol('Notifier');
