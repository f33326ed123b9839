import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { Admission, type WebhookAnswer } from './admission.js';
import { SignedBy } from './signed-by.guard.js';
import type { WebhookRequest } from './webhook-request.js';
import { Documented } from '../openapi/documented.decorator.js';
import { ZOHO_WEBHOOKS_API } from './zoho-webhooks.openapi.js';

/** `POST /webhooks/zoho`: notification channels, workflow rules and Deluge functions post here. */
@Controller('webhooks/zoho')
@SignedBy('zoho')
@Documented(ZOHO_WEBHOOKS_API)
export class ZohoWebhooksController {
  constructor(private readonly admission: Admission) {}

  @Post()
  @HttpCode(200)
  record(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('zoho', 'record', request);
  }
}
