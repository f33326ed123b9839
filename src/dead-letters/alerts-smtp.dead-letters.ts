import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ALERT_QUEUES, type AlertJob } from '../contracts/jobs.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { AlertDeadLetters } from './alert-dead-letters.js';

/** Alerts that no smtp target took. */
@Injectable()
@KeepsDeadLetters()
export class SmtpAlertDeadLetters extends AlertDeadLetters {
  readonly name = ALERT_QUEUES.smtp;

  constructor(@InjectQueue(ALERT_QUEUES.smtp) queue: Queue<AlertJob>) {
    super(queue);
  }
}
