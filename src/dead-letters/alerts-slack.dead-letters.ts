import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ALERT_QUEUES, type AlertJob } from '../contracts/jobs.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { AlertDeadLetters } from './alert-dead-letters.js';

/** Alerts that no slack target took. */
@Injectable()
@KeepsDeadLetters()
export class SlackAlertDeadLetters extends AlertDeadLetters {
  readonly name = ALERT_QUEUES.slack;

  constructor(@InjectQueue(ALERT_QUEUES.slack) queue: Queue<AlertJob>) {
    super(queue);
  }
}
