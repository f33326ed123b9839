import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EnrichedRecord } from '../contracts/conversation.js';
import { AppError } from '../contracts/errors.js';
import { bodyBytes, type VendorEvent } from '../contracts/event.js';
import type { Analysis } from '../contracts/insight.js';
import type { Json, JsonObject } from '../contracts/json.js';
import { SOURCE_HEADER } from '../contracts/ports/admission.port.js';
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
import type { QuotaPurpose } from './api/gong-quota.gate.js';
import { gongEnvelope, isJsonObject } from './gong-call.payload.js';
import { callDetailsOf, type UnderstoodCall } from './gong-call.record.js';
import { emailIdOf, emailRecord, relayedEmail } from './gong-email.payload.js';
import { GongEnricher } from './gong-enricher.js';
import { gongCallRows, gongEmailRow, gongRawRow } from './gong-rows.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

/** All that the house knows of Gong. */
@Injectable()
@VendorAdapterFor('gong')
export class GongAdapter implements VendorAdapter {
  readonly contentTypes = ['application/json'];

  constructor(
    private readonly verifier: GongTokenVerifier,
    private readonly enricher: GongEnricher,
  ) {}

  verify(request: SignedRequest): Promise<VerifiedSender> {
    return this.verifier.verify(request);
  }

  read(kind: EventKind, request: SignedRequest, sender: VerifiedSender): ReadResult {
    const parsed = parsedJson(request.body.toString('utf8'));
    // A test carries the data and the id of a real call: it must leave no trace, or the real one is lost.
    if (gongEnvelope(parsed).isTest) return { type: 'test' };
    const objectId = objectIdOf(kind, parsed);
    return {
      type: 'events',
      events: [
        { identity: identityOf(kind, objectId, sender), changeId: changeIdOf(kind, objectId), objectId },
      ],
    };
  }

  rawRow(event: VendorEvent): TableRow {
    return gongRawRow(event);
  }

  changeIdOf({ kind, objectId }: VendorEvent): string | null {
    return changeIdOf(kind, objectId);
  }

  /** Never fails: a body that is not understood asks nobody. */
  asksApi(event: VendorEvent): boolean {
    if (event.kind === 'email' || event.objectId === null) return false;
    return this.enricher.skippedBecause(understoodCall(event)) === null;
  }

  async enrich(event: VendorEvent, round: number): Promise<Enriched> {
    if (event.kind === 'email') {
      const { body, emailId } = understoodEmail(event);
      return { type: 'conversation', record: emailRecord(relayedEmail(body, emailId), body) };
    }
    const kind = event.kind === 'meeting' ? 'meeting' : 'call';
    const call = understoodCall(event);
    const { receivedAt } = event;
    const purpose = purposeOf(event);
    const record = await this.enricher.enrich({ call, kind, round, receivedAt, purpose });
    return { type: 'conversation', record };
  }

  enhancedRows(event: VendorEvent, record: EnrichedRecord, analysis: Analysis | null): TableRow[] {
    if (event.kind === 'email') {
      const { body, emailId } = understoodEmail(event);
      return [gongEmailRow(event, record, analysis, relayedEmail(body, emailId))];
    }
    return gongCallRows(event, record, analysis, callDetailsOf(record));
  }
}

/** What a comparison found, or a replay from the archive runs again, must not spend what webhooks need. */
function purposeOf({ headers, replay }: VendorEvent): QuotaPurpose {
  return headers[SOURCE_HEADER] !== undefined || replay?.id !== undefined ? 'reconciliation' : 'live';
}

/** The same object may come twice (two rules match) and may come again changed: id and body tell. */
function identityOf(kind: EventKind, objectId: string | null, sender: VerifiedSender): string {
  if (objectId !== null) return `gong-${kind}-${objectId}-${sender.bodySha256}`;
  return `gong-unknown-${sender.deliveryFingerprint ?? randomUUID()}`;
}

function changeIdOf(kind: EventKind, objectId: string | null): string | null {
  return objectId === null ? null : `${kind}:${objectId}`;
}

function objectIdOf(kind: EventKind, parsed: Json): string | null {
  if (kind !== 'email') return gongEnvelope(parsed).callId;
  return isJsonObject(parsed) ? emailIdOf(parsed) : null;
}

function parsedJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AppError('PAYLOAD.NOT_JSON', 'the body is not JSON', 'never', { cause: error });
  }
}

function understoodCall(event: VendorEvent): UnderstoodCall {
  const envelope = gongEnvelope(parsedJson(bodyBytes(event).toString('utf8')));
  const { callData, callId } = envelope;
  if (callData === null || callId === null) {
    throw new AppError('PAYLOAD.NOT_UNDERSTOOD', 'the body names no call (callData.metaData.id)');
  }
  return { ...envelope, callData, callId };
}

function understoodEmail(event: VendorEvent): { body: JsonObject; emailId: string } {
  const body = parsedJson(bodyBytes(event).toString('utf8'));
  const emailId = isJsonObject(body) ? emailIdOf(body) : null;
  if (!isJsonObject(body) || emailId === null) {
    throw new AppError('PAYLOAD.NOT_UNDERSTOOD', 'the body names no e-mail (emailId)');
  }
  return { body, emailId };
}
