import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Admission } from './admission.js';
import { EventQueueWriter } from './event-queue.writer.js';
import { GongWebhooksController } from './gong-webhooks.controller.js';
import { IntakeCapacity } from './intake-capacity.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestHooks } from './request-hooks.js';
import { SignedByGuard } from './signed-by.guard.js';
import { WebhookCounters } from './webhook-counters.js';
import { WebhookStatusController } from './webhook-status.controller.js';
import { ZohoWebhooksController } from './zoho-webhooks.controller.js';

/**
 * Owns the front door: receive, verify, admit. A 200 means that the event is durably queued.
 * It speaks to vendors through VendorAdapters only, and must not know what happens to an event later.
 */
@Module({
  controllers: [GongWebhooksController, ZohoWebhooksController, WebhookStatusController],
  providers: [
    Admission,
    EventQueueWriter,
    IntakeCapacity,
    RequestHooks,
    SignedByGuard,
    WebhookCounters,
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class IntakeModule {}
