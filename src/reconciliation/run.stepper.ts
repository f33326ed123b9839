import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { EventAdmission } from '../contracts/ports/admission.port.js';
import type { ListedChange, ReconciliationSlice } from '../contracts/ports/reconciliation.port.js';
import { SeenIndex } from '../contracts/ports/seen-index.port.js';
import type { Vendor } from '../contracts/vendor.js';
import { reconciledEvent } from './reconciled-event.js';
import { ReconciliationSources } from './reconciliation-sources.js';
import { type RunPlan, type RunPosition, RunStore, type StoredRun } from './run.store.js';

/** Longer than a run can take to come to the same place again. */
const DEDUPE_SECONDS = 7 * 86_400;
const QUEUED_AT_ONCE = 100;
const HOUR_MS = 3_600_000;

/**
 * One step of a run: queue some of what was found missing, or else list the next page and keep what is missing of it.
 * So a full queue costs the vendor no request. Each step may be repeated: a process that dies anywhere here is followed
 * by one that does the step again, and the event ids, the seen-index and the set of the missed make it come out the same.
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
   * @throws AppError of the vendor's API or of the queue; nothing of the step counts then.
   */
  async step(run: StoredRun): Promise<boolean> {
    const { plan, position } = run;
    const pending = await this.store.pending(plan.id, QUEUED_AT_ONCE);
    const slice = plan.slices[position.slice];
    if (pending.length > 0) await this.enter(run, pending);
    else if (slice !== undefined) await this.list(run, slice);
    else return true;
    return false;
  }

  private async list(
    { plan: { id, vendor }, position }: StoredRun,
    slice: ReconciliationSlice,
  ): Promise<void> {
    const { changes, requests, nextCursor } = await this.sources.of(vendor).page(slice, position.cursor);
    const next: RunPosition = {
      ...position,
      slice: nextCursor === null ? position.slice + 1 : position.slice,
      cursor: nextCursor,
      seen: position.seen + changes.length,
      quotaUsed: position.quotaUsed + requests,
      failures: 0,
    };
    await this.store.moveTo(id, next, await this.unknown(vendor, changes));
  }

  /** Some of it may have come in by a webhook since it was listed. */
  private async enter({ plan, position }: StoredRun, pending: readonly ListedChange[]): Promise<void> {
    const { id, vendor } = plan;
    const missed = await this.unknown(vendor, pending);
    const changeIds = missed.map(({ changeId }) => changeId);
    if (missed.length > 0) {
      await this.admission.assertRoom();
      const isWebhooks = this.isWebhooksToBring(plan);
      this.missedTotal.inc({ vendor }, await this.store.noteMissed(plan, changeIds, isWebhooks));
      const events = missed.map((change) => reconciledEvent(vendor, id, change));
      await this.admission.admit(events, DEDUPE_SECONDS);
      await this.seen.mark(vendor, changeIds);
    }
    // Whatever is named as missed up to here has been queued, now or before a crash.
    const repaired = await this.store.missedCount(id);
    await this.store.settle(id, pending.length, { ...position, repaired, failures: 0 });
  }

  /** History from before anybody listened was not missed: only what scheduled comparisons look at counts as that. */
  private isWebhooksToBring({ vendor, mode, since, startedAt }: RunPlan): boolean {
    if (mode !== 'backfill') return true;
    const furthest = Date.parse(startedAt) - this.sources.of(vendor).lookBackHours.nightly * HOUR_MS;
    return Date.parse(since) >= furthest;
  }

  private async unknown(vendor: Vendor, changes: readonly ListedChange[]): Promise<ListedChange[]> {
    const ids = changes.flatMap(({ changeId, aliases = [] }) => [changeId, ...aliases]);
    const known = await this.seen.known(vendor, ids);
    return changes.filter(
      ({ changeId, aliases = [] }) => ![changeId, ...aliases].some((name) => known.has(name)),
    );
  }
}
