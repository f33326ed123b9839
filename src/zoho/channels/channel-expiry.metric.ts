import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { onScrape } from '../../metrics/on-scrape.js';
import { ZohoChannelRegistry } from './zoho-channel.registry.js';

/** How long channels have to live, read when somebody looks. A channel that Zoho never confirmed has no time: 0. */
@Injectable()
export class ChannelExpiryMetric implements OnModuleInit {
  constructor(
    private readonly registry: ZohoChannelRegistry,
    @InjectMetric('zoho_channel_expiry_seconds') private readonly expiry: Gauge<'channel'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.expiry, async () => {
      const channels = await this.registry.all();
      this.expiry.reset();
      for (const { id, isEnabled, expiresAt } of channels) {
        if (!isEnabled) continue;
        const seconds = expiresAt === null ? 0 : (Date.parse(expiresAt) - Date.now()) / 1000;
        this.expiry.set({ channel: id }, Math.floor(seconds));
      }
    });
  }
}
