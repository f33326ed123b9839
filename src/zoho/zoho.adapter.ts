import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { bodyBytes, bodySha256Of, type IncomingEvent, type VendorEvent } from '../contracts/event.js';
import {
  type Enriched,
  type ReadResult,
  type SignedRequest,
  type VendorAdapter,
  VendorAdapterFor,
  type VerifiedSender,
} from '../contracts/ports/vendor-adapter.port.js';
import type { TableRow } from '../contracts/tables.js';
import type { EventKind } from '../contracts/vendor.js';
import { ZohoAccountEvents } from './accounts/zoho-account.events.js';
import { isMassNotification, ownParts } from './zoho-mass-notification.js';
import { isKnownModule } from './zoho-modules.js';
import { type ZohoNotification, zohoNotification, type ZohoRecordChange } from './zoho-notification.js';
import { redactedBody } from './zoho-redaction.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';
import { bodyObject, FORM_TYPE, isForm } from './zoho-webhook.body.js';

/** All that the house knows of Zoho CRM's webhooks. */
@Injectable()
@VendorAdapterFor('zoho')
export class ZohoAdapter implements VendorAdapter {
  readonly contentTypes = ['application/json', FORM_TYPE];

  constructor(
    private readonly verifier: ZohoSignatureVerifier,
    private readonly accountEvents: ZohoAccountEvents,
    private readonly config: AppConfig,
  ) {}

  async verify(request: SignedRequest): Promise<VerifiedSender> {
    return this.verifier.verify(request);
  }

  /** One event for each record that the body names; a body that names none is one event too. */
  read(_kind: EventKind, { body, headers }: SignedRequest, sender: VerifiedSender): ReadResult {
    const parsed = bodyObject(body, headers);
    const notification = zohoNotification(parsed);
    const whole = redactedBody(body, headers, parsed);
    const isMass = isMassNotification(notification.records.length, body.length) && !isForm(headers);
    const partOf = isMass ? ownParts(parsed) : () => whole;
    const delivery = sender.deliveryFingerprint ?? randomUUID();
    const records = notification.records.length > 0 ? notification.records : [undefined];
    return {
      type: 'events',
      events: records.map((record) => ({
        identity: identityOf(notification, record, delivery),
        changeId: changeIdOf(notification, record),
        objectId: record?.recordId ?? null,
        storedBody: record === undefined ? whole : partOf(record.recordId),
        module: countedModule(notification.module),
        ...this.urgencyOf(record),
      })),
    };
  }

  rawRow(event: VendorEvent): TableRow {
    const { channelId, module, operation, serverTime } =
      event.isErased === true ? NOTHING_SAID : notificationOf(event);
    return {
      table: 'ZOHO_EVENTS_RAW',
      values: {
        EVENT_ID: event.eventId,
        TENANT: 'main',
        CHANNEL_ID: channelId,
        MODULE: module,
        OPERATION: operation,
        RECORD_IDS: JSON.stringify(event.objectId === null ? [] : [event.objectId]),
        BODY: event.body,
        BODY_ENCODING: event.bodyEncoding ?? 'utf8',
        PAYLOAD_SHA256: bodySha256Of(event),
        HEADERS: JSON.stringify(event.headers),
        SIGNING_KEY_ID: event.signingKeyId,
        REQUEST_ID: event.correlationId,
        SERVER_TIME: serverTime === null ? null : new Date(serverTime).toISOString(),
        RECEIVED_AT: event.receivedAt,
      },
    };
  }

  changeIdOf(event: VendorEvent): string | null {
    try {
      const notification = notificationOf(event);
      const record = notification.records.find(({ recordId }) => recordId === event.objectId);
      return changeIdOf(notification, record);
    } catch {
      // Authentic, and not readable: such an event has no change id when it comes in either.
      return null;
    }
  }

  asksApi(event: VendorEvent): boolean {
    return this.accountEvents.asksApi(notificationOf(event).module);
  }

  /** An event of Zoho is no conversation: it asks for its account to be synced, and ends. */
  async enrich(event: VendorEvent): Promise<Enriched> {
    const body = bodyObject(bodyBytes(event), event.headers);
    return this.accountEvents.follow(event, body);
  }

  /** @throws always: no event of Zoho reaches the enhanced tables yet. */
  enhancedRows(): TableRow[] {
    throw new AppError('STAGE.FAILED', 'Zoho events have no enhanced rows');
  }

  /** A change of a critical field, and whatever does not say what changed, goes before the rest. */
  private urgencyOf(record: ZohoRecordChange | undefined): Pick<IncomingEvent, 'urgency'> {
    const fields = record?.changedFields ?? [];
    const isCritical = fields.some((field) => this.config.ZOHO_CRITICAL_FIELDS.includes(field));
    return isCritical || fields.length === 0 ? {} : { urgency: 'routine' };
  }
}

/** What an event says whose body is gone. */
const NOTHING_SAID = { channelId: null, module: null, operation: null, serverTime: null };

function notificationOf(event: VendorEvent): ZohoNotification {
  return zohoNotification(bodyObject(bodyBytes(event), event.headers));
}

/**
 * A sender's own event id; else what Zoho says happened and when. A body with neither id nor time is known
 * again by its delivery only: a genuine second change must not be taken for a replay.
 */
function identityOf(
  notification: ZohoNotification,
  record: ZohoRecordChange | undefined,
  delivery: string,
): string {
  const { eventId, channelId, module, operation, serverTime } = notification;
  const recordId = record?.recordId ?? '';
  if (eventId !== null) return identity('zoho-event', [eventId, recordId]);
  if (serverTime === null || record === undefined) return identity('zoho-delivery', [delivery, recordId]);
  return identity('zoho-change', [
    channelId,
    module,
    operation,
    serverTime,
    recordId,
    [...record.changedFields].sort(),
  ]);
}

function identity(kind: string, parts: readonly unknown[]): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** Names nobody knows are counted together: a count must have few names. */
function countedModule(module: string | null): string {
  return module !== null && isKnownModule(module) ? module : 'other';
}

function changeIdOf(
  { module, serverTime }: ZohoNotification,
  record: ZohoRecordChange | undefined,
): string | null {
  if (record === undefined || module === null) return null;
  const changedAt = record.modifiedTime ?? (serverTime === null ? null : new Date(serverTime).toISOString());
  return changedAt === null ? null : `${module}:${record.recordId}:${changedAt}`;
}
