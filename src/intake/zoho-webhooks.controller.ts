import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { Admission, type WebhookAnswer } from './admission.js';
import { SignedBy } from './signed-by.guard.js';
import type { WebhookRequest } from './webhook-request.js';

/** `POST /webhooks/zoho`: notification channels, workflow rules and Deluge functions post here. */
@Controller('webhooks/zoho')
@SignedBy('zoho')
export class ZohoWebhooksController {
  constructor(private readonly admission: Admission) {}

  @Post()
  @HttpCode(200)
  record(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('zoho', 'record', request);
  }
}
