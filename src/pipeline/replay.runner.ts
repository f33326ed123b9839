import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import type { VendorEvent } from '../contracts/event.js';
import { EVENTS_QUEUE, PROCESS_EVENT } from '../contracts/jobs.js';
import {
  type RawPayload,
  type StoredEvent,
  WarehouseReader,
} from '../contracts/ports/warehouse-reader.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { VendorAdapters } from '../vendors/vendor-adapters.js';
import { archivedEvent } from './archived-event.js';
import { ReplayState, type StoredReplay } from './replay.state.js';

const PAGE = 50;
/** What a replay may have waiting: the front door counts it, and must never answer 503 because of it. */
const MOST_WAITING_SHARE = 0.05;
const MOST_OPEN = 1_000;
const ASK_AGAIN_MS = 500;
/** Behind everything that comes from the front door, routine changes included. */
const REPLAY_PRIORITY = 100;

export type ReplayStep = { readonly type: 'ended' } | { readonly type: 'later'; readonly afterMs: number };

/**
 * Takes a replay's events from the archive and queues them, page by page. First the events, then the position:
 * dying in between queues a page again, whose jobs have the same ids and rows, so nothing is there twice.
 */
@Injectable()
export class ReplayRunner {
  constructor(
    private readonly state: ReplayState,
    private readonly adapters: VendorAdapters,
    private readonly config: AppConfig,
    @Inject(WarehouseReader) private readonly reader: WarehouseReader,
    @InjectQueue(EVENTS_QUEUE) private readonly events: Queue<VendorEvent>,
    @InjectPinoLogger(ReplayRunner.name) private readonly logger: PinoLogger,
  ) {}

  /** Queues what may be queued now. @throws AppError of the warehouse. */
  async run(id: string): Promise<ReplayStep> {
    for (;;) {
      const replay = await this.state.load(id);
      if (replay === undefined || replay.isCancelled || replay.position === 'end') return { type: 'ended' };
      if (await this.isFull(id)) return { type: 'later', afterMs: ASK_AGAIN_MS };
      await this.queuePage(id, replay);
    }
  }

  private async isFull(id: string): Promise<boolean> {
    const { waiting = 0, prioritized = 0 } = await this.events.getJobCounts('waiting', 'prioritized');
    if (waiting + prioritized > this.config.WEBHOOK_MAX_QUEUE_SIZE * MOST_WAITING_SHARE) return true;
    return (await this.state.counts(id)).open > MOST_OPEN;
  }

  private async queuePage(id: string, { order, at, position }: StoredReplay): Promise<void> {
    const { vendor, kind, since, until } = order;
    const filter = { vendor, since, until, ...(kind !== null && { kind }) };
    const cursor = typeof position === 'object' ? position.cursor : undefined;
    const page = await this.reader.events(filter, PAGE, cursor);
    const payloads = await this.reader.rawPayloads(page.events.map(({ eventId }) => eventId));
    const byId = new Map(payloads.map((payload) => [payload.eventId, payload]));
    const rebuilt = page.events.flatMap((event) => this.rebuild(event, byId.get(event.eventId)));
    const replay = { by: order.by, at, id, from: order.from, notify: order.notify };
    await this.state.open(
      id,
      rebuilt.map(({ eventId }) => eventId),
    );
    await this.events.addBulk(
      rebuilt.map((event) => ({
        name: PROCESS_EVENT,
        data: { ...event, replay: { of: event.eventId, ...replay } },
        opts: this.jobOptions(id, event),
      })),
    );
    const erased = page.events.length - rebuilt.length;
    await this.state.advance(id, page.nextCursor, { queued: rebuilt.length, erased });
    this.logger.info({ replayId: id, queued: rebuilt.length, erased }, 'replay.page_queued');
  }

  /** Nothing where the body was erased. */
  private rebuild(event: StoredEvent, payload: RawPayload | undefined): VendorEvent[] {
    if (payload === undefined || payload.isErased) return [];
    return [archivedEvent(event, payload, this.adapters.of(event.vendor))];
  }

  private jobOptions(id: string, { eventId }: VendorEvent) {
    return {
      jobId: `${id}-${eventId}`,
      attempts: this.config.WEBHOOK_MAX_RETRIES,
      backoff: { type: 'policy' },
      removeOnComplete: !QUEUE_POLICY.events.keepCompleted,
      priority: REPLAY_PRIORITY,
    };
  }
}
