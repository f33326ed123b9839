import type { VendorEvent } from '../contracts/event.js';
import type { VendorAdapter } from '../contracts/ports/vendor-adapter.port.js';
import type { RawPayload, StoredEvent } from '../contracts/ports/warehouse-reader.port.js';

/** An event as the queue carried it, made of its raw row. Its trace has ended, so that is not in it. */
export function archivedEvent(
  { eventId, vendor, kind, objectId, signingKeyId, correlationId, receivedAt }: StoredEvent,
  { body, bodyEncoding, sha256: bodySha256, headers }: RawPayload,
  adapter: Pick<VendorAdapter, 'changeIdOf'>,
): VendorEvent {
  const event: VendorEvent = {
    schemaVersion: 1,
    eventId,
    changeId: null,
    vendor,
    kind,
    objectId,
    body,
    bodyEncoding,
    bodySha256,
    headers: (headers ?? {}) as VendorEvent['headers'],
    signingKeyId: signingKeyId ?? '',
    correlationId: correlationId ?? eventId,
    receivedAt,
  };
  return { ...event, changeId: adapter.changeIdOf(event) };
}
