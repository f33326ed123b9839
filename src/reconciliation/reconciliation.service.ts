import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import type {
  Reconciliation,
  ReconciliationEstimate,
  ReconciliationMode,
  ReconciliationOverview,
  ReconciliationRun,
  TimeSpan,
} from '../contracts/ports/reconciliation.port.js';
import { type Vendor, VENDORS } from '../contracts/vendor.js';
import { ReconciliationQueue } from './reconciliation.queue.js';
import { ReconciliationSources } from './reconciliation-sources.js';
import { RunStore } from './run.store.js';

const HOUR_MS = 3_600_000;
/** A change as young as this may have its webhook still on its way. */
const GRACE_MS = 5 * 60_000;
/** Neither vendor has anything older; a slip in a year would be compared day by day. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Starts comparisons and answers for them; the work is done by the processor, in any process. */
@Injectable()
export class ReconciliationService implements Reconciliation {
  constructor(
    @Inject(ReconciliationSources) private readonly sources: ReconciliationSources,
    private readonly store: RunStore,
    private readonly queue: ReconciliationQueue,
  ) {}

  async overview(limit: number): Promise<ReconciliationOverview> {
    const vendors = VENDORS.map(async (vendor) => ({
      vendor,
      offBecause: this.sources.of(vendor).offBecause(),
      missedThisWeek: await this.store.missedThisWeek(vendor),
    }));
    return { vendors: await Promise.all(vendors), runs: await this.store.latest(limit) };
  }

  find(id: string): Promise<ReconciliationRun | undefined> {
    return this.store.view(id);
  }

  async start(
    vendor: Vendor,
    span: TimeSpan,
  ): Promise<{ run: ReconciliationRun; estimate: ReconciliationEstimate }> {
    const source = this.sources.of(vendor);
    const offBecause = source.offBecause();
    if (offBecause !== null) throw new AppError('RECONCILIATION.OFF', offBecause);
    const [since, until] = [Date.parse(span.since), Math.min(Date.parse(span.until), Date.now())];
    if (!(since < until && since >= EARLIEST_MS)) {
      throw new AppError('REQUEST.INVALID', 'since must be before until, in the past, and not before 2000');
    }
    const exact = { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
    const estimate = await source.estimate(exact);
    return { run: await this.begin(vendor, 'backfill', exact), estimate };
  }

  /** A scheduled comparison; none while the last of its kind is at work, or without credentials. */
  async startScheduled(vendor: Vendor, mode: 'hourly' | 'nightly'): Promise<ReconciliationRun | undefined> {
    const source = this.sources.of(vendor);
    if (source.offBecause() !== null) return undefined;
    const latest = await this.store.latest(100);
    const isBusy = latest.some(
      (run) => run.vendor === vendor && run.mode === mode && ['waiting', 'running'].includes(run.status),
    );
    if (isBusy) return undefined;
    const until = Date.now() - GRACE_MS;
    const lookBack = until - source.lookBackHours[mode] * HOUR_MS;
    const furthest = until - source.lookBackHours.nightly * HOUR_MS;
    // Whatever lies between this comparison and the last that came to its end, however long nobody ran.
    const last = latest.find(
      (run) => run.vendor === vendor && run.mode !== 'backfill' && run.status === 'done',
    );
    const compared = last === undefined ? furthest : Date.parse(last.until);
    const since = Math.max(furthest, Math.min(lookBack, compared));
    return this.begin(vendor, mode, {
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
    });
  }

  async command(id: string, command: 'pause' | 'resume' | 'cancel'): Promise<ReconciliationRun | undefined> {
    switch (command) {
      case 'pause':
        await this.store.become(id, 'paused', ['waiting', 'running']);
        break;
      case 'cancel':
        await this.store.become(id, 'cancelled', ['waiting', 'running', 'paused']);
        break;
      case 'resume':
        // A run that has failed can be taken up again too: what it was refused may have been mended.
        if (await this.store.become(id, 'waiting', ['paused', 'failed'])) await this.queue.goOn(id);
        break;
    }
    return this.store.view(id);
  }

  private async begin(vendor: Vendor, mode: ReconciliationMode, span: TimeSpan): Promise<ReconciliationRun> {
    const id = randomBytes(8).toString('hex');
    const slices = this.sources.of(vendor).slices(span);
    await this.store.create({ id, vendor, mode, ...span, slices, startedAt: new Date().toISOString() });
    await this.queue.goOn(id);
    const run = await this.store.view(id);
    if (run === undefined) throw new Error('the run that was just made is not there');
    return run;
  }
}
