import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { VendorAdapters } from '../../vendors/vendor-adapters.js';
import type { EventWork, Stage, StageResult } from '../stage.js';

/** Makes the event a conversation, with all that its vendor knows of it. Partial is fine: the rest goes on. */
@Injectable()
export class EnrichStage implements Stage {
  readonly name = 'enrich';

  constructor(
    private readonly adapters: VendorAdapters,
    @InjectMetric('data_quality_score') private readonly quality: Gauge<'vendor' | 'kind'>,
    @InjectMetric('validation_failures_total') private readonly failures: Counter<'vendor' | 'field'>,
  ) {}

  async run(work: EventWork): Promise<StageResult> {
    const { vendor, kind } = work.event;
    const enriched = await this.adapters.of(vendor).enrich(work.event, 0);
    if (enriched.type === 'finished') {
      return { status: enriched.status, isLast: true, work, details: { reason: enriched.reason } };
    }
    const { record } = enriched;
    this.quality.set({ vendor, kind }, record.dataQuality);
    for (const field of record.unusableFields) this.failures.inc({ vendor, field: withoutIndexes(field) });
    const { status, skippedBecause } = record.enrichment;
    return {
      status: skippedBecause === undefined ? 'completed' : 'skipped',
      work: { ...work, record },
      details: { enrichment: status, ...(skippedBecause !== undefined && { reason: skippedBecause }) },
    };
  }
}

/** `callData.parties[3].name` as `callData.parties[].name`: a metric label must have few values. */
function withoutIndexes(field: string): string {
  return field.replace(/\[\d+\]/g, '[]');
}
