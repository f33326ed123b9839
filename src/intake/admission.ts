import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import type { EventKind, Vendor } from '../contracts/vendor.js';
import { VendorAdapters } from '../vendors/vendor-adapters.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { toVendorEvent } from './vendor-event.factory.js';
import { signedRequest, type WebhookRequest } from './webhook-request.js';

/**
 * The longest time for which an event id is remembered because its request could be replayed. A token that lives
 * longer is a relay's mistake; a replay after that finds the event in the raw table.
 */
const MAX_REPLAYABLE_SECONDS = 30 * 86_400;

export interface WebhookAnswer {
  readonly status: 'accepted' | 'duplicate' | 'ignored';
  /** The ids of the events; for a duplicate the first one's id. */
  readonly eventIds: readonly string[];
  readonly correlationId: string;
  /** Only for a body with several records. */
  readonly events?: readonly { readonly eventId: string; readonly status: 'accepted' | 'duplicate' }[];
}

/** Turns a verified request into queued events; when it answers, the events are on disk. */
@Injectable()
export class Admission {
  constructor(
    private readonly adapters: VendorAdapters,
    private readonly queue: EventQueueWriter,
    private readonly config: AppConfig,
  ) {}

  /**
   * @throws AppError `PAYLOAD.NOT_JSON`, or `INTAKE.*` when the events could not be made durable; then
   * nothing was acknowledged.
   */
  async admit(vendor: Vendor, kind: EventKind, request: WebhookRequest): Promise<WebhookAnswer> {
    const sender = provenSender(request);
    const body = request.body ?? Buffer.alloc(0);
    const correlationId = request.id;
    const read = this.adapters.of(vendor).read(kind, signedRequest(request), sender);
    if (read.type === 'test') {
      request.outcome = { status: 'ignored', eventIds: [], modules: [] };
      return { status: 'ignored', eventIds: [], correlationId };
    }

    const events = read.events.map((incoming) =>
      toVendorEvent({ vendor, kind, body, sender, request, incoming }),
    );
    const replayableSeconds = Math.min(sender.replayableForSeconds, MAX_REPLAYABLE_SECONDS);
    const dedupeSeconds = Math.max(this.config.WEBHOOK_EVENT_TTL, replayableSeconds);
    const admitted = await this.queue.admit(events, dedupeSeconds);
    const status = admitted.some((event) => event.status === 'accepted') ? 'accepted' : 'duplicate';
    const eventIds = admitted.map(({ eventId }) => eventId);
    request.outcome = { status, eventIds, modules: read.events.map(({ module }) => module ?? kind) };
    return { status, eventIds, correlationId, ...(admitted.length > 1 && { events: admitted }) };
  }
}

function provenSender(request: WebhookRequest): VerifiedSender {
  if (request.sender === undefined) {
    throw new AppError('SIGNATURE.MISSING', 'the route is not guarded by a signature');
  }
  return request.sender;
}
