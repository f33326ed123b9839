import type { AppConfig } from '../../config/app-config.js';

/** How to sign in; a server without access control needs neither. */
export type CogneeCredentials =
  | { readonly type: 'api-key'; readonly apiKey: string }
  | { readonly type: 'login'; readonly username: string; readonly password: string }
  | { readonly type: 'none' };

export interface CogneeSettings {
  /** Without a path and without a slash at its end. */
  readonly baseUrl: string;
  readonly credentials: CogneeCredentials;
  readonly dataset: string;
  /** Longest wait for an answer; an upload runs a pipeline before it is answered. */
  readonly requestTimeoutMs: number;
  /** Consecutive outages after which Cognee is left alone for `circuitPauseMs`. */
  readonly circuitFailures: number;
  readonly circuitPauseMs: number;
  /** A worker that died on an account is succeeded after this; a living one renews in time. */
  readonly lockMs: number;
  readonly cognify: CognifySettings;
}

export const CogneeSettings = Symbol('CogneeSettings');

/** When the graph is built. Each run costs tokens of a language model, so changes are gathered first. */
export interface CognifySettings {
  /** A run begins when nothing has changed for so long ... */
  readonly quietMs: number;
  /** ... or when the oldest change has waited for so long. */
  readonly longestWaitMs: number;
  /** How often Redis is looked at for work, also for that of a process that died. */
  readonly checkMs: number;
  /** How often Cognee is asked how far it is. */
  readonly pollMs: number;
  /** A run that is not done after this is begun anew. */
  readonly runTimeoutMs: number;
  /** The pause after a failed run. */
  readonly retryMs: number;
}

export const COGNIFY_DEFAULTS: CognifySettings = {
  quietMs: 5_000,
  longestWaitMs: 60_000,
  checkMs: 1_000,
  pollMs: 2_000,
  runTimeoutMs: 1_800_000,
  retryMs: 30_000,
};

/** @param config with MEMORY=cognee. */
export function cogneeSettings(config: AppConfig): CogneeSettings {
  return {
    baseUrl: (config.COGNEE_API_URL ?? '').replace(/\/+$/, '').replace(/\/api(\/v1)?$/, ''),
    credentials: credentialsOf(config),
    dataset: config.COGNEE_DATASET,
    requestTimeoutMs: 60_000,
    circuitFailures: 5,
    circuitPauseMs: 10_000,
    lockMs: 10_000,
    cognify: COGNIFY_DEFAULTS,
  };
}

function credentialsOf({ COGNEE_API_KEY, COGNEE_USERNAME, COGNEE_PASSWORD }: AppConfig): CogneeCredentials {
  if (COGNEE_API_KEY !== undefined) return { type: 'api-key', apiKey: COGNEE_API_KEY };
  if (COGNEE_USERNAME === undefined || COGNEE_PASSWORD === undefined) return { type: 'none' };
  return { type: 'login', username: COGNEE_USERNAME, password: COGNEE_PASSWORD };
}
