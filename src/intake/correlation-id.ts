import { randomUUID } from 'node:crypto';

const ACCEPTABLE = /^[\w.-]{8,64}$/;

/**
 * The correlation id of a request: the sender's `x-correlation-id` where it is harmless, else a new one.
 * It only helps to find things: it is never part of a key or an event id.
 */
export function correlationIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers['x-correlation-id'];
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : randomUUID();
}
