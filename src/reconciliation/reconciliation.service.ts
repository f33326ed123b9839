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
import { RunStore, type StoredRun } from './run.store.js';

const HOUR_MS = 3_600_000;
/** A change as young as this may have its webhook still on its way. */
const GRACE_MS = 5 * 60_000;
/** Of the latest runs so many are looked through, some days of them. */
const LOOKED_THROUGH = 200;
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
    const exact = this.exactSpan(vendor, span);
    const estimate = await this.sources.of(vendor).estimate(exact);
    return { run: await this.begin(vendor, 'backfill', exact), estimate };
  }

  async estimate(vendor: Vendor, span: TimeSpan): Promise<ReconciliationEstimate> {
    return this.sources.of(vendor).estimate(this.exactSpan(vendor, span));
  }

  private exactSpan(vendor: Vendor, span: TimeSpan): TimeSpan {
    const offBecause = this.sources.of(vendor).offBecause();
    if (offBecause !== null) throw new AppError('RECONCILIATION.OFF', offBecause);
    const [since, until] = [Date.parse(span.since), Math.min(Date.parse(span.until), Date.now())];
    if (!(since < until && since >= EARLIEST_MS)) {
      throw new AppError('REQUEST.INVALID', 'since must be before until, in the past, and not before 2000');
    }
    return { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  }

  /** A scheduled comparison; none while the last of its kind is at work, or without credentials. */
  async startScheduled(vendor: Vendor, mode: 'hourly' | 'nightly'): Promise<ReconciliationRun | undefined> {
    const source = this.sources.of(vendor);
    if (source.offBecause() !== null) return undefined;
    const ofVendor = (await this.takeUpAgain()).filter(({ plan }) => plan.vendor === vendor);
    if (ofVendor.some((run) => run.plan.mode === mode && isAtWork(run))) return undefined;
    const until = Date.now() - GRACE_MS;
    const lookBack = until - source.lookBackHours[mode] * HOUR_MS;
    const furthest = until - source.lookBackHours.nightly * HOUR_MS;
    // Whatever lies between this comparison and the last that came to its end, however long nobody ran.
    const last = ofVendor.find(({ plan, status }) => plan.mode !== 'backfill' && status === 'done');
    const compared = last === undefined ? furthest : Date.parse(last.plan.until);
    const since = Math.max(furthest, Math.min(lookBack, compared));
    return this.begin(vendor, mode, {
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
    });
  }

  /**
   * Gives the runs that should be at work their job again, should it have been lost: a process may have died between
   * a run and its job, or Redis been away for longer than a job is tried. Where there is a job nothing happens.
   * @returns the latest runs.
   */
  async takeUpAgain(): Promise<StoredRun[]> {
    const latest = await this.store.latestStored(LOOKED_THROUGH);
    for (const run of latest.filter(isAtWork)) await this.queue.goOn(run.plan.id);
    return latest;
  }

  async command(id: string, command: 'pause' | 'resume' | 'cancel'): Promise<ReconciliationRun | undefined> {
    switch (command) {
      case 'pause':
        await this.store.become(id, 'paused', ['waiting', 'running']);
        break;
      case 'cancel':
        if (await this.store.become(id, 'cancelled', ['waiting', 'running', 'paused', 'failed'])) {
          await this.store.forgetPending(id);
        }
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

function isAtWork({ status }: StoredRun): boolean {
  return status === 'waiting' || status === 'running';
}
