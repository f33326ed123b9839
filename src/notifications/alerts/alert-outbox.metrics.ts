import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { onScrape } from '../../metrics/on-scrape.js';
import { AlertOutbox } from './alert-outbox.js';

/** How much waits to be put into the alert queues: a moment's worth, unless no process dispatches. */
@Injectable()
export class AlertOutboxMetrics implements OnModuleInit {
  constructor(
    private readonly outbox: AlertOutbox,
    @InjectMetric('alert_outbox_messages') private readonly messages: Gauge,
    @InjectMetric('alert_outbox_oldest_age_seconds') private readonly oldestAge: Gauge,
  ) {}

  onModuleInit(): void {
    onScrape(this.messages, async () => this.messages.set((await this.outbox.backlog()).messages));
    onScrape(this.oldestAge, async () => this.oldestAge.set((await this.outbox.backlog()).oldestAgeSeconds));
  }
}
