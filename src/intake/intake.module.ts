import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { AppConfig } from '../config/app-config.js';
import { EventAdmission } from '../contracts/ports/admission.port.js';
import { Admission } from './admission.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { GongWebhooksController } from './gong-webhooks.controller.js';
import { InnerAdmission } from './inner-admission.js';
import { IntakeCapacity } from './intake-capacity.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestHooks } from './request-hooks.js';
import { SignedByGuard } from './signed-by.guard.js';
import { WebhookCounters } from './webhook-counters.js';
import { WebhookStatusController } from './webhook-status.controller.js';
import { ZohoWebhooksController } from './zoho-webhooks.controller.js';

const FRONT_DOOR = {
  controllers: [GongWebhooksController, ZohoWebhooksController, WebhookStatusController],
  providers: [Admission, SignedByGuard],
};

/**
 * Owns the front door: receive, verify, admit. A 200 means that the event is durably queued.
 * It speaks to vendors through VendorAdapters only, and must not know what happens to an event later.
 * A worker has no front door, but its probes are answered as all requests are, and what it finds missing at a
 * vendor enters by the same queue.
 */
@Global()
@Module({
  providers: [
    RequestHooks,
    WebhookCounters,
    EventQueueWriter,
    IntakeCapacity,
    { provide: EventAdmission, useClass: InnerAdmission },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [EventAdmission],
})
export class IntakeModule {
  static for(role: AppConfig['ROLE']): DynamicModule {
    return { module: IntakeModule, ...(role !== 'worker' && FRONT_DOOR) };
  }
}
