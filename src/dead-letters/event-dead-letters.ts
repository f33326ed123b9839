import { bodyBytes, type EventReplay, type VendorEvent } from '../contracts/event.js';
import type { Json } from '../contracts/json.js';
import { type DeadLetterSubject, JobDeadLetters } from './job-dead-letters.js';

/** The dead letters of a queue of vendor events. */
export abstract class EventDeadLetters extends JobDeadLetters<VendorEvent> {
  protected subjectOf({
    vendor,
    kind,
    eventId,
    objectId,
    correlationId,
    replay,
  }: VendorEvent): DeadLetterSubject {
    return { vendor, kind, eventId, entityId: objectId, correlationId, replayOf: replay?.of ?? null };
  }

  /** The body as JSON where it is, else as text, or as base64 where it is no text. */
  protected payloadOf(event: VendorEvent): Json {
    if (event.bodyEncoding === 'base64') return event.body;
    try {
      return JSON.parse(bodyBytes(event).toString('utf8')) as Json;
    } catch {
      // Authentic bytes need not be JSON: a form, or something we did not understand.
      return event.body;
    }
  }

  /** It stays part of the replay from the archive in which it failed, whose count waits for it. */
  protected override marked(event: VendorEvent, replay: EventReplay): VendorEvent {
    return { ...event, replay: { ...event.replay, ...replay } };
  }
}
