import { hash } from 'node:crypto';
import type { VendorEvent } from '../contracts/event.js';
import { RECONCILIATION_SOURCE, SOURCE_HEADER } from '../contracts/ports/admission.port.js';
import type { ListedChange } from '../contracts/ports/reconciliation.port.js';
import type { Vendor } from '../contracts/vendor.js';

/** The event of a change that no webhook brought. Its id comes of the change alone: found twice, it is one event. */
export function reconciledEvent(vendor: Vendor, runId: string, change: ListedChange): VendorEvent {
  const body = JSON.stringify(change.body);
  return {
    schemaVersion: 1,
    eventId: hash('sha256', `${RECONCILIATION_SOURCE}-${vendor}-${change.changeId}`),
    changeId: change.changeId,
    vendor,
    kind: change.kind,
    objectId: change.objectId,
    body,
    headers: { 'content-type': 'application/json', [SOURCE_HEADER]: RECONCILIATION_SOURCE },
    signingKeyId: RECONCILIATION_SOURCE,
    correlationId: `reconciliation-${runId}`,
    urgency: 'routine',
    receivedAt: new Date().toISOString(),
  };
}
