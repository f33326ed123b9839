import type { RegisteredChannel } from './zoho-channel.registry.js';
import type { WatchedChannel } from './zoho-watch.client.js';

/** Zoho tells times to the second. */
const TOLERANCE_MS = 2_000;

type ComparedChannel = Pick<RegisteredChannel, 'isEnabled' | 'expiresAt' | 'events' | 'notifyUrl'>;

/** How a channel differs from what Zoho has of it; nothing for one that is off, and gone there too. */
export function driftOf(channel: ComparedChannel, atZoho: WatchedChannel | undefined): string[] {
  if (!channel.isEnabled) return atZoho === undefined ? [] : ['still_at_zoho'];
  if (atZoho === undefined) return ['missing_at_zoho'];
  const drift: string[] = [];
  if (!isSameTime(channel.expiresAt, atZoho.expiresAt)) drift.push('expiry_differs');
  if ([...channel.events].sort().join() !== [...atZoho.events].sort().join()) drift.push('events_differ');
  if (atZoho.notifyUrl !== channel.notifyUrl) drift.push('address_differs');
  return drift;
}

function isSameTime(left: string | null, right: string | null): boolean {
  if (left === null || right === null) return left === right;
  return Math.abs(Date.parse(left) - Date.parse(right)) <= TOLERANCE_MS;
}
