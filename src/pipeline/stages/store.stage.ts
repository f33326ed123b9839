import { Injectable } from '@nestjs/common';
import { VendorAdapters } from '../../vendors/vendor-adapters.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Leaves the enhanced rows. The warehouse keeps the newest version, so late replays change nothing. */
@Injectable()
export class StoreStage implements Stage {
  readonly name = 'store';

  constructor(private readonly adapters: VendorAdapters) {}

  run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    const rows = this.adapters.of(work.event.vendor).enhancedRows(work.event, record, analysis);
    return Promise.resolve({ status: 'completed', work, rows });
  }
}
