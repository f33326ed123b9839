import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { EventAdmission } from '../contracts/ports/admission.port.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { IntakeCapacity } from './intake-capacity.js';

/** The share of the queue that what we enter ourselves may use: webhooks come only once. */
const OWN_SHARE = 0.5;
const ASK_AGAIN_MS = 2_000;

/** The way into the queue for events that no webhook brought. */
@Injectable()
export class InnerAdmission implements EventAdmission {
  constructor(
    private readonly queue: EventQueueWriter,
    private readonly capacity: IntakeCapacity,
    private readonly config: AppConfig,
  ) {}

  async admit(events: readonly VendorEvent[], dedupeSeconds: number): Promise<void> {
    const depth = await this.capacity.currentDepth();
    if (depth !== undefined && depth >= OWN_SHARE * this.config.WEBHOOK_MAX_QUEUE_SIZE) {
      throw new AppError('INTAKE.QUEUE_FULL', 'the rest of the queue is for webhooks', {
        afterMs: ASK_AGAIN_MS,
      });
    }
    await this.queue.admit(events, dedupeSeconds);
  }
}
