import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { BodyEncoding, IncomingEvent, VendorEvent } from '../contracts/event.js';
import type { VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import type { EventKind, Vendor } from '../contracts/vendor.js';
import type { WebhookRequest } from './webhook-request.js';

/** Kept because they help to trace a delivery; everything else is dropped. */
const KEPT_HEADERS = ['content-type', 'user-agent', 'x-traceid', 'x-webhook-timestamp'];
/** Present in the row so that one sees how the sender was verified, without what verified it. */
const REDACTED_HEADERS = ['authorization', 'x-zoho-signature', 'x-webhook-signature'];

/** No header worth keeping is longer; whoever sends more must not fill the queue with it. */
const MAX_HEADER_LENGTH = 256;

interface EventParts {
  readonly vendor: Vendor;
  readonly kind: EventKind;
  readonly body: Buffer;
  readonly sender: VerifiedSender;
  readonly request: Pick<WebhookRequest, 'id' | 'headers'>;
  readonly incoming: IncomingEvent;
}

/** The event as the queue carries it. */
export function toVendorEvent({
  vendor,
  kind,
  body: received,
  sender,
  request,
  incoming,
}: EventParts): VendorEvent {
  const body = incoming.storedBody ?? received;
  const bodyEncoding = encodingFor(body);
  const traceparent = traceparentIn(request.headers);
  return {
    schemaVersion: 1,
    eventId: hash('sha256', incoming.identity),
    changeId: incoming.changeId,
    vendor,
    kind,
    objectId: incoming.objectId,
    body: body.toString(bodyEncoding),
    ...(bodyEncoding !== 'utf8' && { bodyEncoding }),
    ...(!body.equals(received) && { bodySha256: sender.bodySha256 }),
    headers: storedHeaders(request.headers),
    signingKeyId: sender.signingKeyId,
    correlationId: request.id,
    ...(traceparent !== undefined && { traceparent }),
    ...(incoming.urgency !== undefined && { urgency: incoming.urgency }),
    receivedAt: new Date().toISOString(),
  };
}

/** Text where it gives the same bytes back and every store takes it: NUL is refused by most of them. */
function encodingFor(body: Buffer): BodyEncoding {
  return isUtf8(body) && !body.includes(0) ? 'utf8' : 'base64';
}

/** The sender's trace, where it is one (W3C Trace Context, section 3.2); anybody may write anything there. */
function traceparentIn({ traceparent }: WebhookRequest['headers']): string | undefined {
  const isTrace =
    typeof traceparent === 'string' &&
    /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent);
  return isTrace ? traceparent : undefined;
}

function storedHeaders(headers: WebhookRequest['headers']): Record<string, string> {
  const stored: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') stored[name] = value.slice(0, MAX_HEADER_LENGTH);
  }
  for (const name of REDACTED_HEADERS) if (headers[name] !== undefined) stored[name] = '[redacted]';
  return stored;
}
