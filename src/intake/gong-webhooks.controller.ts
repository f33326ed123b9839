import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { Admission, type WebhookAnswer } from './admission.js';
import { SignedBy } from './signed-by.guard.js';
import type { WebhookRequest } from './webhook-request.js';
import { Documented } from '../openapi/documented.decorator.js';
import { GONG_WEBHOOKS_API } from './gong-webhooks.openapi.js';

/** `POST /webhook/gong/…`: Gong's automation rules post here. */
@Controller('webhook/gong')
@SignedBy('gong')
@Documented(GONG_WEBHOOKS_API)
export class GongWebhooksController {
  constructor(private readonly admission: Admission) {}

  @Post('calls')
  @HttpCode(200)
  calls(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('gong', 'call', request);
  }

  /** From a relay: Gong itself sends no e-mails. */
  @Post('emails')
  @HttpCode(200)
  emails(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('gong', 'email', request);
  }

  /** The same body as a call: a second rule, filtered to web conferences, or a relay. */
  @Post('meetings')
  @HttpCode(200)
  meetings(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('gong', 'meeting', request);
  }
}
