import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { loadConfig } from '../../../src/config/load-config.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { AppError } from '../../../src/contracts/errors.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import { EventAdmission } from '../../../src/contracts/ports/admission.port.js';
import {
  type ListedChange,
  type ListedPage,
  Reconciliation,
  type ReconciliationSlice,
  type ReconciliationSource,
  ReconciliationSourceFor,
  type TimeSpan,
} from '../../../src/contracts/ports/reconciliation.port.js';
import { SeenIndex } from '../../../src/contracts/ports/seen-index.port.js';
import { ZohoChannels } from '../../../src/contracts/ports/zoho-channels.port.js';
import { LoggingModule } from '../../../src/logging/logging.module.js';
import { MetricsModule } from '../../../src/metrics/metrics.module.js';
import { ReconciliationModule } from '../../../src/reconciliation/reconciliation.module.js';
import { ReconciliationTimes } from '../../../src/reconciliation/reconciliation.schedule.js';
import { QueuesModule } from '../../../src/redis/queues.module.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { redisAddress } from '../../../src/redis/redis-options.js';
import { RedisModule } from '../../../src/redis/redis.module.js';

export const PAGE_ROWS = 3;

/** A vendor whose list is in memory, given page by page; all processes of a test ask the same one. */
export class ListedVendor implements ReconciliationSource {
  readonly lookBackHours = { hourly: 1, nightly: 24 };
  changes: ListedChange[] = [];
  /** One for each page that was asked for. */
  readonly asked: { readonly list: string; readonly cursor: string | null }[] = [];
  /** Until it resolves, no page is given. */
  holds: Promise<void> = Promise.resolve();

  offBecause(): null {
    return null;
  }

  slices({ since, until }: TimeSpan): ReconciliationSlice[] {
    return ['first', 'second'].map((list) => ({ since, until, list }));
  }

  async page({ list }: ReconciliationSlice, cursor: string | null): Promise<ListedPage> {
    this.asked.push({ list, cursor });
    await this.holds;
    const ofList = list === 'first' ? this.changes : [];
    const from = Number(cursor ?? '0');
    const next = from + PAGE_ROWS;
    return {
      changes: ofList.slice(from, next),
      requests: 1,
      nextCursor: next < ofList.length ? String(next) : null,
    };
  }

  estimate(): Promise<{ objects: number; requests: number; daysOfQuota: number }> {
    return Promise.resolve({ objects: this.changes.length, requests: 1, daysOfQuota: 0 });
  }
}

/** The outside of reconciliation: vendors, the way into the queue, channels. Shared by the processes of a test. */
export class Surroundings {
  readonly gong = new ListedVendor();
  readonly zoho = new ListedVendor();
  readonly admitted: VendorEvent[] = [];
  /** When channels were looked at, in epoch milliseconds. */
  readonly renewals: number[] = [];
  /** Thrown where room is asked for; null while there is room. */
  isFull: Error | null = null;
  /** How often that was. */
  asksForRoom = 0;
  /** Once, the step ends as a crash ends it: before events are queued, or after and nothing else was done. */
  dies: 'before' | 'after' | null = null;
}

function portsOf(surroundings: Surroundings, times: ReconciliationTimes | undefined): object {
  const { gong, zoho } = surroundings;

  @ReconciliationSourceFor('gong')
  class GongList {
    lookBackHours = gong.lookBackHours;
    offBecause = () => gong.offBecause();
    slices = (span: TimeSpan) => gong.slices(span);
    page = (slice: ReconciliationSlice, cursor: string | null) => gong.page(slice, cursor);
    estimate = () => gong.estimate();
  }

  @ReconciliationSourceFor('zoho')
  class ZohoList {
    lookBackHours = zoho.lookBackHours;
    offBecause = () => zoho.offBecause();
    slices = (span: TimeSpan) => zoho.slices(span);
    page = (slice: ReconciliationSlice, cursor: string | null) => zoho.page(slice, cursor);
    estimate = () => zoho.estimate();
  }

  const admission: EventAdmission = {
    assertRoom: async () => {
      surroundings.asksForRoom += 1;
      if (surroundings.isFull !== null) throw surroundings.isFull;
    },
    admit: async (events) => {
      const { dies } = surroundings;
      surroundings.dies = null;
      if (dies !== 'before') surroundings.admitted.push(...events);
      if (dies !== null) throw new AppError('INTAKE.UNAVAILABLE', 'died here', { afterMs: 10 });
    },
  };
  const channels = {
    renewDue: async () => {
      surroundings.renewals.push(Date.now());
      return { renewed: [], failed: [] };
    },
  };

  @Global()
  @Module({
    imports: [DiscoveryModule],
    providers: [
      GongList,
      ZohoList,
      { provide: EventAdmission, useValue: admission },
      { provide: ZohoChannels, useValue: channels },
      ...(times === undefined ? [] : [{ provide: ReconciliationTimes, useValue: times }]),
    ],
    exports: [
      DiscoveryModule,
      EventAdmission,
      ZohoChannels,
      ...(times === undefined ? [] : [ReconciliationTimes]),
    ],
  })
  class Ports {}
  return Ports;
}

export interface ProcessOptions {
  readonly redisUrl: string;
  readonly surroundings: Surroundings;
  readonly environment?: Record<string, string>;
  readonly times?: ReconciliationTimes;
  readonly role?: 'all' | 'api';
}

/** All that reconciliation has in one process, with real Redis and BullMQ; the other features are ports. */
export class ReconcilingProcess {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly connections: RedisConnections,
  ) {}

  static async start(options: ProcessOptions): Promise<ReconcilingProcess> {
    const { redisUrl, surroundings, environment, times, role = 'all' } = options;
    const config = loadConfig({ REDIS_URL: redisUrl, ...environment });
    const connections = new RedisConnections(redisAddress(config));
    await connections.connect();
    const app = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        LoggingModule.with('silent'),
        MetricsModule,
        RedisModule.with(connections),
        QueuesModule,
        portsOf(surroundings, times) as never,
        ReconciliationModule.with({ ROLE: role }),
      ],
    }).compile();
    await app.init();
    return new ReconcilingProcess(app, connections);
  }

  get reconciliation(): Reconciliation {
    return this.app.get(Reconciliation);
  }

  get seen(): SeenIndex {
    return this.app.get(SeenIndex);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.connections.close();
  }
}
