import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ALERT_QUEUES, type AlertJob } from '../contracts/jobs.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { AlertDeadLetters } from './alert-dead-letters.js';

/** Alerts that no webhook target took. */
@Injectable()
@KeepsDeadLetters()
export class WebhookAlertDeadLetters extends AlertDeadLetters {
  readonly name = ALERT_QUEUES.webhook;

  constructor(@InjectQueue(ALERT_QUEUES.webhook) queue: Queue<AlertJob>) {
    super(queue);
  }
}
