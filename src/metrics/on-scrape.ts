import { Logger } from '@nestjs/common';
import type { Gauge } from 'prom-client';

/**
 * Fills a gauge at the moment it is scraped. When the source does not answer, the gauge shows no value at
 * all (never a stale one) and the reason is logged; the scrape itself goes on.
 */
export function onScrape<Labels extends string>(gauge: Gauge<Labels>, fill: () => Promise<void>): void {
  const logger = new Logger('metrics');
  const collect = async () => {
    try {
      await fill();
    } catch (error) {
      gauge.reset();
      logger.warn({ msg: 'metrics.source_unavailable', reason: (error as Error).message });
    }
  };
  Object.assign(gauge, { collect });
}
