import type { ChannelName, Notification } from '../notification.js';

/** What agents were told lately, as far as the streams go back. */
export interface ToldMessages {
  /** Newest first. */
  newest(channel: ChannelName, limit: number): Promise<readonly Notification[]>;
}

export const ToldMessages = Symbol('ToldMessages');
