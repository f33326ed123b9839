import type { NotificationDraft } from '../notification.js';

/** Tells agents. A draft with an identity that was published before is not published again. */
export interface Notifier {
  /** @returns whether it was published now (false: it had been before). */
  publish(draft: NotificationDraft): Promise<boolean>;
}

export const Notifier = Symbol('Notifier');
