import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { Admission, type WebhookAnswer } from './admission.js';
import { SignedBy } from './signed-by.guard.js';
import type { WebhookRequest } from './webhook-request.js';

/** `POST /webhook/gong/…`: Gong's automation rules post here. */
@Controller('webhook/gong')
@SignedBy('gong')
export class GongWebhooksController {
  constructor(private readonly admission: Admission) {}

  @Post('calls')
  @HttpCode(200)
  calls(@Req() request: WebhookRequest): Promise<WebhookAnswer> {
    return this.admission.admit('gong', 'call', request);
  }
}
