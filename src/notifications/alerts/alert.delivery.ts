import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { AlertTargetType } from '../../contracts/alert.js';
import { AppError } from '../../contracts/errors.js';
import type { AlertJob } from '../../contracts/jobs.js';
import { SlackSender } from './slack.sender.js';
import { SmtpSender } from './smtp.sender.js';
import { WebhookSender } from './webhook.sender.js';

/** Gives an alert to the sender of its target. */
@Injectable()
export class AlertDelivery {
  constructor(
    private readonly config: AppConfig,
    private readonly slack: SlackSender,
    private readonly smtp: SmtpSender,
    private readonly webhook: WebhookSender,
  ) {}

  /** @throws AppError; a target that this process does not know may be known to the next release. */
  async deliver(
    type: AlertTargetType,
    { schemaVersion, target: name, notification }: AlertJob,
  ): Promise<void> {
    // What Redis holds may come from another release.
    if ((schemaVersion as number) !== 1) {
      throw new AppError('JOB.UNKNOWN', `no handler for schema version ${String(schemaVersion)}`);
    }
    const target = this.config.alerts.targets.find((known) => known.name === name && known.type === type);
    if (target === undefined) {
      throw new AppError('ALERT.TARGET_UNKNOWN', `no target named ${name} is configured`, 'backoff');
    }
    switch (target.type) {
      case 'slack':
        return this.slack.send(target, notification);
      case 'smtp':
        return this.smtp.send(target, notification);
      case 'webhook':
        return this.webhook.send(target, notification);
    }
  }
}
