import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { EnrichedRecord } from '../../contracts/conversation.js';
import type { VendorEvent } from '../../contracts/event.js';
import type { JsonObject } from '../../contracts/json.js';
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

  waitsForVendor(event: VendorEvent): boolean {
    return this.adapters.of(event.vendor).asksApi(event);
  }

  async run(work: EventWork): Promise<StageResult> {
    const { vendor, kind } = work.event;
    const enriched = await this.adapters.of(vendor).enrich(work.event, work.round);
    if (enriched.type === 'finished') {
      return { status: enriched.status, isLast: true, work, details: { reason: enriched.reason } };
    }
    const { record } = enriched;
    this.quality.set({ vendor, kind }, record.dataQuality);
    for (const field of record.unusableFields) this.failures.inc({ vendor, field: withoutIndexes(field) });
    return { status: statusOf(record), work: { ...work, record }, details: detailsOf(record, work.round) };
  }
}

function statusOf({ enrichment }: EnrichedRecord): StageResult['status'] {
  if (enrichment.askAgainAfterMs !== undefined) return 'waiting';
  return enrichment.skippedBecause === undefined ? 'completed' : 'skipped';
}

function detailsOf({ enrichment }: EnrichedRecord, round: number): JsonObject {
  const { status, skippedBecause, askAgainAfterMs } = enrichment;
  return {
    enrichment: status,
    round,
    ...(skippedBecause !== undefined && { reason: skippedBecause }),
    ...(askAgainAfterMs !== undefined && {
      askAgainAt: new Date(Date.now() + askAgainAfterMs).toISOString(),
    }),
  };
}

/** `callData.parties[3].name` as `callData.parties[].name`: a metric label must have few values. */
function withoutIndexes(field: string): string {
  return field.replace(/\[\d+\]/g, '[]');
}
