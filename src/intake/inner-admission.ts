import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { EventAdmission } from '../contracts/ports/admission.port.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { IntakeCapacity } from './intake-capacity.js';

/** What we enter ourselves may use half of the queue ... */
const OWN_SHARE = 0.5;
/** ... and waits while so many events are at work: of the 500 places to ask a vendor from, webhooks find some free. */
const OWN_PLACES = 300;
const ASK_AGAIN_MS = 500;

/** The way into the queue for events that no webhook brought. */
@Injectable()
export class InnerAdmission implements EventAdmission {
  constructor(
    private readonly queue: EventQueueWriter,
    private readonly capacity: IntakeCapacity,
    private readonly config: AppConfig,
  ) {}

  async assertRoom(): Promise<void> {
    const depth = await this.capacity.currentDepth();
    if (depth === undefined) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the queue does not answer', 'backoff');
    }
    const most = Math.min(OWN_PLACES, OWN_SHARE * this.config.WEBHOOK_MAX_QUEUE_SIZE);
    if (depth < most) return;
    const afterMs = ASK_AGAIN_MS;
    throw new AppError('INTAKE.QUEUE_FULL', 'the rest of the queue is for webhooks', { afterMs });
  }

  async admit(events: readonly VendorEvent[], dedupeSeconds: number): Promise<void> {
    await this.queue.admit(events, dedupeSeconds);
  }
}
