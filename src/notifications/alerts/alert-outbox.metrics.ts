import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { onScrape } from '../../metrics/on-scrape.js';
import { AlertOutbox } from './alert-outbox.js';

/** How many alerts wait to be queued, and how long. Every process shows it, also one that does not queue them. */
@Injectable()
export class AlertOutboxMetrics implements OnModuleInit {
  constructor(
    private readonly outbox: AlertOutbox,
    @InjectMetric('alert_outbox_messages') private readonly messages: Gauge,
    @InjectMetric('alert_outbox_oldest_age_seconds') private readonly oldestAge: Gauge,
  ) {}

  onModuleInit(): void {
    onScrape(this.messages, async () => {
      this.messages.set((await this.outbox.backlog()).messages);
    });
    onScrape(this.oldestAge, async () => {
      const { oldestMs } = await this.outbox.backlog();
      this.oldestAge.set(oldestMs === null ? 0 : Math.max(0, (Date.now() - oldestMs) / 1000));
    });
  }
}
