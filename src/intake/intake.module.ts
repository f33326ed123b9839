import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { AppConfig } from '../config/app-config.js';
import { LastDeliveries } from '../contracts/ports/last-deliveries.port.js';
import { Admission } from './admission.js';
import { DeliveryRecorder } from './delivery-recorder.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { GongWebhooksController } from './gong-webhooks.controller.js';
import { IntakeCapacity } from './intake-capacity.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestHooks } from './request-hooks.js';
import { SignedByGuard } from './signed-by.guard.js';
import { WebhookCounters } from './webhook-counters.js';
import { WebhookStatusController } from './webhook-status.controller.js';
import { ZohoWebhooksController } from './zoho-webhooks.controller.js';

const FRONT_DOOR = {
  controllers: [GongWebhooksController, ZohoWebhooksController, WebhookStatusController],
  providers: [Admission, EventQueueWriter, IntakeCapacity, SignedByGuard],
};

/**
 * Owns the front door: receive, verify, admit. A 200 means that the event is durably queued.
 * It speaks to vendors through VendorAdapters only, and must not know what happens to an event later.
 * A worker has no front door, but its probes are answered as all requests are.
 */
@Global()
@Module({
  providers: [
    RequestHooks,
    WebhookCounters,
    DeliveryRecorder,
    { provide: LastDeliveries, useExisting: DeliveryRecorder },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [LastDeliveries],
})
export class IntakeModule {
  static for(role: AppConfig['ROLE']): DynamicModule {
    return { module: IntakeModule, ...(role !== 'worker' && FRONT_DOOR) };
  }
}
