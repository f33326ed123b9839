import type { InsightKind, Priority } from './insight.js';
import type { NotificationType } from './notification.js';

/** Where an alert goes. Addresses and secrets come from the operator's configuration only. */
export type AlertTarget =
  | {
      readonly type: 'slack';
      readonly name: string;
      /** The address of an incoming webhook, which is its secret. */
      readonly url: string;
    }
  | {
      readonly type: 'smtp';
      readonly name: string;
      /** `smtp://` or `smtps://`, with user and password. */
      readonly server: string;
      readonly from: string;
      readonly to: readonly string[];
    }
  | {
      readonly type: 'webhook';
      readonly name: string;
      readonly url: string;
      /** `whsec_` and base64; each signs, so that a receiver may change its secret in its own time. */
      readonly secrets: readonly string[];
    };

export type AlertTargetType = AlertTarget['type'];

/** Which messages go to which targets. What is not given does not restrict. */
export interface AlertRule {
  readonly name: string;
  readonly types: readonly NotificationType[];
  readonly priorities?: readonly Priority[];
  /** Ids or names of accounts. */
  readonly accounts?: readonly string[];
  /** The message has an insight of one of these kinds (of any kind where not given) ... */
  readonly insights?: readonly InsightKind[];
  /** ... with at least this score. */
  readonly minScore?: number;
  /** Names of targets. */
  readonly targets: readonly string[];
}

export interface AlertSettings {
  readonly rules: readonly AlertRule[];
  readonly targets: readonly AlertTarget[];
  /** Pauses between attempts, in seconds; after the last one it is a dead letter. */
  readonly retrySeconds: readonly number[];
}

export const NO_ALERTS: AlertSettings = { rules: [], targets: [], retrySeconds: [] };
