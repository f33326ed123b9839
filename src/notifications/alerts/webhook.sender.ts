import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Notification } from '../../contracts/notification.js';
import { postAlert } from './alert-http.js';
import type { AlertSender, TargetOf } from './alert-sender.js';

/**
 * Posts signed webhooks by the Standard Webhooks specification 1.0.0: `webhook-id` stays the same over all
 * attempts, `webhook-timestamp` is the attempt's, and each secret gives one signature over `id.timestamp.body`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
@Injectable()
export class WebhookSender implements AlertSender<'webhook'> {
  async send({ url, secrets }: TargetOf<'webhook'>, notification: Notification): Promise<void> {
    const { id, type, occurredAt, publishedAt } = notification;
    const timestamp = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({
      type: `notification.${type}`,
      timestamp: occurredAt ?? publishedAt,
      data: notification,
    });
    await postAlert(url, {
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': secrets.map((secret) => signature(secret, id, timestamp, body)).join(' '),
      },
      body,
      // 410 Gone is the receiver's last word; the specification retries everything else.
      isFinal: (status) => status === 410,
    });
  }
}

function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
