import { ALL_CHANNELS, type AnyChannelName } from '../../contracts/notification.js';

/** How far somebody has read each channel: ids of Redis streams, `<milliseconds>-<sequence>`. */
export type Positions = ReadonlyMap<AnyChannelName, string>;

/** Before the first entry of any stream. */
export const START = '0-0';

const MAX_LENGTH = 2_000;
const POSITION = /^([a-z:]+)@(\d{1,15}-\d{1,15})$/;

/** Positions as one event id, e.g. `gong:calls@1764000000000-0,gong:errors@0-0`. */
export function encodePositions(positions: Positions): string {
  return [...positions].map(([channel, id]) => `${channel}@${id}`).join(',');
}

/** @returns undefined for a text that `encodePositions` did not make. */
export function decodePositions(text: string): Positions | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const positions = new Map<AnyChannelName, string>();
  for (const part of text.split(',')) {
    const [, name, id] = POSITION.exec(part) ?? [];
    const channel = ALL_CHANNELS.find((known) => known === name);
    if (channel === undefined || id === undefined) return undefined;
    positions.set(channel, id);
  }
  return positions;
}

/** Whether the first id comes after the second; sequences of one millisecond are compared as numbers. */
export function isAfter(id: string, other: string): boolean {
  const [milliseconds = 0, sequence = 0] = id.split('-').map(Number);
  const [otherMilliseconds = 0, otherSequence = 0] = other.split('-').map(Number);
  return milliseconds === otherMilliseconds ? sequence > otherSequence : milliseconds > otherMilliseconds;
}
