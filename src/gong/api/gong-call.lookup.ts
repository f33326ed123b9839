import { Inject, Injectable, Optional } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { GongApiClient } from './gong-api.client.js';
import { DEFAULT_TIMINGS, GongApiTimings } from './gong-api.timings.js';
import { GongApiTransport } from './gong-api.transport.js';
import { type CallFindings, GongCallBatches } from './gong-call.batches.js';
import type { QuotaPurpose } from './gong-quota.gate.js';

/** Looks calls up, each purpose in batches of its own: a call that somebody waits for never waits for a backfill. */
@Injectable()
export class GongCallLookup {
  private readonly batches: Readonly<Record<QuotaPurpose, GongCallBatches>>;

  constructor(
    client: GongApiClient,
    transport: GongApiTransport,
    config: AppConfig,
    @Optional() @Inject(GongApiTimings) timings: GongApiTimings = DEFAULT_TIMINGS,
  ) {
    const batchesFor = (purpose: QuotaPurpose) =>
      new GongCallBatches(purpose, client, transport, config, timings);
    this.batches = { live: batchesFor('live'), reconciliation: batchesFor('reconciliation') };
  }

  /**
   * What Gong knows of a call now.
   * @throws AppError when nothing could be asked: `GONG.RATE_LIMITED` after waiting WEBHOOK_BATCH_TIMEOUT, or
   * `GONG.UNAVAILABLE`; its retry policy says when to come back.
   */
  find(callId: string, purpose: QuotaPurpose): Promise<CallFindings> {
    return this.batches[purpose].find(callId);
  }
}
