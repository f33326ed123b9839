import { AppError } from '../../contracts/errors.js';
import { PRIORITIES, type Priority } from '../../contracts/insight.js';
import { ALL_CHANNELS, type AnyChannelName, KIND_CHANNELS } from '../../contracts/notification.js';
import { decodePositions, type Positions } from './stream-positions.js';

/** What an agent asked to hear. */
export interface StreamQuery {
  readonly channels: readonly AnyChannelName[];
  readonly priorities: readonly Priority[];
  /** Where it was; channels it had not heard then begin now. */
  readonly resumeFrom: Positions;
}

interface StreamRequest {
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Reads `?channels=gong:calls,gong:errors&priority=high,urgent` and `Last-Event-ID`. Without channels it is
 * every kind (the priority channels carry the same again); channel names may have the prefix.
 * @throws AppError `REQUEST.INVALID`
 */
export function readStreamQuery({ query, headers }: StreamRequest, prefix: string): StreamQuery {
  const channels = listOf(query.channels).map((name) => withoutPrefix(name, prefix));
  return {
    channels: channels.length === 0 ? KIND_CHANNELS : known(channels, ALL_CHANNELS, 'channels'),
    priorities: known(listOf(query.priority), PRIORITIES, 'priority'),
    resumeFrom: positionsIn(headers['last-event-id']),
  };
}

function listOf(value: string | string[] | undefined): string[] {
  return [value ?? []]
    .flat()
    .flatMap((text) => text.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(`${prefix}:`) ? name.slice(prefix.length + 1) : name;
}

function known<T extends string>(given: readonly string[], allowed: readonly T[], name: string): T[] {
  const found = allowed.filter((candidate) => given.includes(candidate));
  if (given.some((item) => !allowed.some((candidate) => candidate === item))) {
    throw new AppError('REQUEST.INVALID', `${name} takes a comma list of: ${allowed.join(', ')}`);
  }
  return found;
}

function positionsIn(header: string | string[] | undefined): Positions {
  if (header === undefined || header === '') return new Map();
  const positions = typeof header === 'string' ? decodePositions(header) : undefined;
  if (positions === undefined) {
    throw new AppError('REQUEST.INVALID', 'Last-Event-ID must be an id of this stream');
  }
  return positions;
}
