import type { AlertTarget, AlertTargetType } from '../../contracts/alert.js';
import type { Notification } from '../../contracts/notification.js';

export type TargetOf<Type extends AlertTargetType> = Extract<AlertTarget, { type: Type }>;

/** Delivers alerts to one kind of target. */
export interface AlertSender<Type extends AlertTargetType> {
  /**
   * Returns when the target has taken it.
   * @throws AppError `ALERT.REFUSED` (never), `ALERT.LIMITED` (wait as told) or `ALERT.FAILED` (backoff); the
   * message holds neither address nor secret.
   */
  send(target: TargetOf<Type>, notification: Notification): Promise<void>;
}
