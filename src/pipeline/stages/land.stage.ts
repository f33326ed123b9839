import { Inject, Injectable } from '@nestjs/common';
import { SeenIndex } from '../../contracts/ports/seen-index.port.js';
import { VendorAdapters } from '../../vendors/vendor-adapters.js';
import type { EventWork, Stage, StageResult } from '../stage.js';

/** Every accepted event gets its raw row, whatever happens to it later. */
@Injectable()
export class LandStage implements Stage {
  readonly name = 'land';

  constructor(
    private readonly adapters: VendorAdapters,
    @Inject(SeenIndex) private readonly seen: SeenIndex,
  ) {}

  /** The event is on its queue until the end, so that it may be known before its row is. */
  async run(work: EventWork): Promise<StageResult> {
    const rows = [this.adapters.of(work.event.vendor).rawRow(work.event)];
    await this.seen.landed(work.event);
    return { status: 'completed', work, rows };
  }
}
