import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { EventAdmission } from '../contracts/ports/admission.port.js';
import type { ListedChange } from '../contracts/ports/reconciliation.port.js';
import { SeenIndex } from '../contracts/ports/seen-index.port.js';
import type { Vendor } from '../contracts/vendor.js';
import { reconciledEvent } from './reconciled-event.js';
import { ReconciliationSources } from './reconciliation-sources.js';
import { RunStore, type StoredRun } from './run.store.js';

/** Longer than a run can take to come to the same place again. */
const DEDUPE_SECONDS = 7 * 86_400;
const ADMITTED_AT_ONCE = 100;

/**
 * One page of a run: list, leave out what is known, name what was missed, queue it, go on. Each step may be
 * repeated: a process that dies anywhere here is followed by one that does the page again, and the event ids, the
 * seen-index and the set of the missed make it come out the same.
 */
@Injectable()
export class RunStepper {
  constructor(
    private readonly sources: ReconciliationSources,
    private readonly store: RunStore,
    @Inject(SeenIndex) private readonly seen: SeenIndex,
    @Inject(EventAdmission) private readonly admission: EventAdmission,
    @InjectMetric('reconciliation_missed_total') private readonly missedTotal: Counter<'vendor'>,
  ) {}

  /**
   * @returns whether the run is at its end.
   * @throws AppError of the vendor's API or of the queue; nothing of the page counts then.
   */
  async step({ plan, position }: StoredRun): Promise<boolean> {
    const { id, vendor, slices } = plan;
    const slice = slices[position.slice];
    if (slice === undefined) return true;
    const page = await this.sources.of(vendor).page(slice, position.cursor);
    const missed = await this.unknown(vendor, page.changes);
    for (let from = 0; from < missed.length; from += ADMITTED_AT_ONCE) {
      const some = missed.slice(from, from + ADMITTED_AT_ONCE);
      const changeIds = some.map(({ changeId }) => changeId);
      this.missedTotal.inc({ vendor }, await this.store.noteMissed(plan, changeIds));
      await this.admission.admit(
        some.map((change) => reconciledEvent(vendor, id, change)),
        DEDUPE_SECONDS,
      );
      await this.seen.mark(vendor, changeIds);
    }
    const nextSlice = page.nextCursor === null ? position.slice + 1 : position.slice;
    await this.store.moveTo(id, {
      slice: nextSlice,
      cursor: page.nextCursor,
      seen: position.seen + page.changes.length,
      // Whatever is named as missed up to here has been queued, now or before a crash.
      repaired: await this.store.missedCount(id),
      quotaUsed: position.quotaUsed + page.requests,
      failures: 0,
    });
    return nextSlice >= slices.length;
  }

  private async unknown(vendor: Vendor, changes: readonly ListedChange[]): Promise<ListedChange[]> {
    const ids = changes.flatMap(({ changeId, aliases = [] }) => [changeId, ...aliases]);
    const known = await this.seen.known(vendor, ids);
    return changes.filter(
      ({ changeId, aliases = [] }) => ![changeId, ...aliases].some((name) => known.has(name)),
    );
  }
}
