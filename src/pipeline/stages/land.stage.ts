import { Injectable } from '@nestjs/common';
import { VendorAdapters } from '../../vendors/vendor-adapters.js';
import type { EventWork, Stage, StageResult } from '../stage.js';

/** Every accepted event gets its raw row, whatever happens to it later. */
@Injectable()
export class LandStage implements Stage {
  readonly name = 'land';

  constructor(private readonly adapters: VendorAdapters) {}

  run(work: EventWork): Promise<StageResult> {
    const rows = [this.adapters.of(work.event.vendor).rawRow(work.event)];
    return Promise.resolve({ status: 'completed', work, rows });
  }
}
