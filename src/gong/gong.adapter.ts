import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { EnrichedRecord } from '../contracts/conversation.js';
import { AppError } from '../contracts/errors.js';
import { bodyBytes, type VendorEvent } from '../contracts/event.js';
import type { Analysis } from '../contracts/insight.js';
import type { Json, JsonObject } from '../contracts/json.js';
import {
  type ReadResult,
  type SignedRequest,
  type VendorAdapter,
  VendorAdapterFor,
  type VerifiedSender,
} from '../contracts/ports/vendor-adapter.port.js';
import type { TableRow } from '../contracts/tables.js';
import type { EventKind } from '../contracts/vendor.js';
import { gongEnvelope, type GongEnvelope } from './gong-call.payload.js';
import { callRecord } from './gong-call.record.js';
import { gongCallRow, gongRawRow } from './gong-rows.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

/** All that the house knows of Gong. */
@Injectable()
@VendorAdapterFor('gong')
export class GongAdapter implements VendorAdapter {
  constructor(
    private readonly verifier: GongTokenVerifier,
    private readonly config: AppConfig,
  ) {}

  verify(request: SignedRequest): Promise<VerifiedSender> {
    return this.verifier.verify(request);
  }

  read(kind: EventKind, body: Buffer, sender: VerifiedSender): ReadResult {
    const { isTest, callId } = gongEnvelope(parsedJson(body.toString('utf8')));
    // A test carries the data and the id of a real call: it must leave no trace, or the real one is lost.
    if (isTest) return { type: 'test' };
    // The same call may come twice (two rules match) and may come again changed: id and body tell.
    const identity =
      callId === null
        ? `gong-unknown-${sender.deliveryFingerprint}`
        : `gong-${kind}-${callId}-${sender.bodySha256}`;
    return {
      type: 'events',
      events: [{ identity, changeId: callId === null ? null : `${kind}:${callId}`, objectId: callId }],
    };
  }

  rawRow(event: VendorEvent): TableRow {
    return gongRawRow(event);
  }

  // Asynchronous by contract: what Gong's API adds will be awaited here.
  enrich(event: VendorEvent): Promise<EnrichedRecord> {
    return Promise.resolve(callRecord(understood(event), !this.config.GONG_INCLUDE_PRIVATE_CALLS));
  }

  enhancedRow(event: VendorEvent, record: EnrichedRecord, analysis: Analysis | null): TableRow {
    return gongCallRow(event, record, analysis, understood(event).callData);
  }
}

function parsedJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AppError('PAYLOAD.NOT_JSON', 'the body is not JSON', 'never', { cause: error });
  }
}

function understood(event: VendorEvent): GongEnvelope & { callData: JsonObject; callId: string } {
  const envelope = gongEnvelope(parsedJson(bodyBytes(event).toString('utf8')));
  const { callData, callId } = envelope;
  if (callData === null || callId === null) {
    throw new AppError('PAYLOAD.NOT_UNDERSTOOD', 'the body names no call (callData.metaData.id)');
  }
  return { ...envelope, callData, callId };
}
