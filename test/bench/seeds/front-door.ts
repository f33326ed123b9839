import { Redis } from 'ioredis';
import { waitFor } from '../../support/wait-for.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import type { Load } from '../ingest/load.js';
import type { Claim } from './claim.js';
import type { Plan } from './plan.js';
import { TributaryService } from './tributary-service.js';

const SUSTAINED_RATE = 500;
const STEADY_RATE = 100;
const CROWD = 1_000;

interface Sustained {
  readonly p95Ms: number;
  readonly acknowledgedPerSecond: number;
  readonly wholePerSecond: number;
  readonly failed: number;
  readonly rssMiB: number;
  readonly cpuMsPerEvent: number;
  /** Of the machine's, while it was sent to. */
  readonly cores: number;
}

/**
 * One service with ten workers under load: 500 signed calls a second, then a thousand connections at once, then a
 * hundred a second, where what each step takes is measured, because no queue is in the way.
 */
export async function measureFrontDoor(
  load: Load,
  plan: Plan,
  say: (line: string) => void,
): Promise<Claim[]> {
  const service = await TributaryService.started({ WEBHOOK_NUM_WORKERS: '10' });
  const run = new FrontDoorRun(service, load, plan);
  try {
    say(`warming up with ${plan.warmUp} events`);
    await run.warmUp();
    say(`${SUSTAINED_RATE} events/s for ${plan.sustainedSeconds} s`);
    const sustained = await run.sustained();
    say(`${CROWD} requests at once`);
    const failedInCrowd = await run.crowd();
    say(`${STEADY_RATE} events/s for ${plan.steadySeconds} s`);
    const steady = await run.steady();
    return [...sustainedClaims(sustained, plan), crowdClaim(failedInCrowd), ...steadyClaims(steady)];
  } finally {
    await service.stop();
  }
}

class FrontDoorRun {
  private sent = 0;

  constructor(
    private readonly service: TributaryService,
    private readonly load: Load,
    private readonly plan: Plan,
  ) {}

  async warmUp(): Promise<void> {
    await this.send({ connections: 20, milliseconds: 60_000, rate: 0, prepared: this.plan.warmUp });
    await this.service.untilWhole(this.sent);
  }

  async sustained(): Promise<Sustained> {
    const { service, plan } = this;
    const milliseconds = plan.sustainedSeconds * 1000;
    const prepared = Math.ceil(SUSTAINED_RATE * plan.sustainedSeconds) + 1;
    const before = this.sent;
    const spentBefore = service.spent().service;
    const sending = this.send({ connections: 100, milliseconds, rate: SUSTAINED_RATE, prepared });
    // Signing comes first: the time of processing begins with the first event, as that of sending does.
    await waitFor('the first event', async () => (await service.progress()).messages > before, {
      timeoutMs: 180_000,
    });
    const startedAt = performance.now();
    const { p95, answered, failed, elapsedMs } = await sending;
    const whole = (await service.whole()) - before;
    const tookMs = performance.now() - startedAt;
    const { rssMiB, cpuMs } = service.spent().service;
    await service.untilWhole(this.sent);
    const cpuMsPerEvent = (service.spent().service.cpuMs - spentBefore.cpuMs) / answered;
    return {
      p95Ms: p95,
      acknowledgedPerSecond: (answered * 1000) / elapsedMs,
      wholePerSecond: (whole * 1000) / tookMs,
      failed,
      rssMiB,
      cpuMsPerEvent,
      cores: (cpuMs - spentBefore.cpuMs) / tookMs,
    };
  }

  /** @returns how many requests failed. */
  async crowd(): Promise<number> {
    const milliseconds = this.plan.crowdMs;
    const { failed } = await this.send({ connections: CROWD, milliseconds, rate: 0, prepared: 5 * CROWD });
    await this.service.untilWhole(this.sent);
    return failed;
  }

  async steady(): Promise<Record<string, number>> {
    const { service, plan } = this;
    const since = new Date().toISOString();
    const heard = await Messages.listen(service.redisUrl);
    try {
      const milliseconds = plan.steadySeconds * 1000;
      const prepared = STEADY_RATE * plan.steadySeconds + 1;
      const { p95 } = await this.send({ connections: 20, milliseconds, rate: STEADY_RATE, prepared });
      await service.untilWhole(this.sent);
      await service.halt();
      const latencies = await latenciesSince(service.warehousePath, since);
      return { responseMs: p95, ...latencies, messageMs: await heard.p95Ms(service.warehousePath, since) };
    } finally {
      heard.stop();
    }
  }

  private async send(order: Parameters<TributaryService['order']>[0]) {
    const report = await this.load.send(this.service.order(order));
    this.sent += report.answered;
    return report;
  }
}

/** When an agent heard of each event. */
class Messages {
  private readonly heardAt = new Map<string, number>();

  private constructor(private readonly agent: Redis) {
    agent.on('message', (_channel, text: string) => {
      this.heardAt.set((JSON.parse(text) as { eventId: string }).eventId, Date.now());
    });
  }

  static async listen(redisUrl: string): Promise<Messages> {
    const agent = new Redis(redisUrl);
    const messages = new Messages(agent);
    await agent.subscribe('sophia:gong:calls');
    return messages;
  }

  /** From the reception of a webhook to the message in the agent's hands. */
  async p95Ms(warehousePath: string, since: string): Promise<number> {
    const rows = await queryWarehouse(
      warehousePath,
      `SELECT EVENT_ID AS id, epoch_ms(RECEIVED_AT)::DOUBLE AS at FROM GONG_WEBHOOKS_RAW WHERE RECEIVED_AT >= '${since}'`,
    );
    const waits = rows.map(({ id, at }) => (this.heardAt.get(String(id)) ?? Infinity) - Number(at));
    waits.sort((left, right) => left - right);
    return waits[Math.floor(waits.length * 0.95)] ?? NaN;
  }

  stop(): void {
    this.agent.disconnect();
  }
}

/** 95th percentiles in ms, by the times that the rows themselves carry. */
async function latenciesSince(path: string, since: string): Promise<Record<string, number>> {
  const p95 = (end: string, start: string) =>
    `quantile_cont((epoch_ms(${end}) - epoch_ms(${start}))::DOUBLE, 0.95)`;
  const [row = {}] = await queryWarehouse(
    path,
    `SELECT ${p95('land.OCCURRED_AT - to_milliseconds(land.DURATION_MS)', 'raw.RECEIVED_AT')} AS "startMs",
            ${p95('row.UPDATED_AT', 'store.OCCURRED_AT')} AS "storageMs",
            ${p95('row.UPDATED_AT', 'raw.RECEIVED_AT')} AS "webhookToRowMs"
     FROM GONG_WEBHOOKS_RAW AS raw
     JOIN WEBHOOK_PROCESSING_HISTORY AS land ON land.EVENT_ID = raw.EVENT_ID AND land.STAGE = 'land'
     JOIN WEBHOOK_PROCESSING_HISTORY AS store ON store.EVENT_ID = raw.EVENT_ID AND store.STAGE = 'store'
     JOIN GONG_CALLS_ENHANCED AS row ON row.SOURCE_EVENT_ID = raw.EVENT_ID
     WHERE raw.RECEIVED_AT >= '${since}'`,
  );
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

function sustainedClaims(
  { p95Ms, acknowledgedPerSecond, wholePerSecond, failed, rssMiB, cpuMsPerEvent, cores }: Sustained,
  { sustainedSeconds }: Plan,
): Claim[] {
  const load = `${SUSTAINED_RATE}/s offered for ${sustainedSeconds} s, RS256 calls`;
  return [
    {
      what: 'response, p95',
      seed: '< 200 ms',
      measured: p95Ms,
      unit: 'ms',
      target: { below: 200 },
      how: `${load}; from when a request was due`,
    },
    {
      what: 'acknowledged',
      seed: '500+ events/s',
      measured: acknowledgedPerSecond,
      unit: 'events/s',
      // An open loop never sends more than it is told.
      target: { atLeast: SUSTAINED_RATE * 0.995 },
      how: `${load}, ${failed} refused; processed at the same time`,
    },
    {
      what: 'wholly processed meanwhile',
      seed: '300+ events/s',
      measured: wholePerSecond,
      unit: 'events/s',
      target: { atLeast: 300 },
      how: `raw row, enhanced row and six rows of history in DuckDB, message told; ${cpuMsPerEvent.toFixed(2)} ms CPU an event, intake included; the service got ${cores.toFixed(2)} cores`,
    },
    {
      what: 'memory, one process for all',
      seed: 'none',
      measured: rssMiB,
      unit: 'MiB',
      target: { below: 1024 },
      how: 'RSS with DuckDB at the end of that; the manifests allow 1 GiB',
    },
  ];
}

function crowdClaim(failed: number): Claim {
  return {
    what: 'failed of 1,000 at once',
    seed: '1,000 concurrent',
    measured: failed,
    unit: 'requests',
    target: { below: 1 },
    how: '1,000 connections, each sends again as soon as it is answered',
  };
}

function steadyClaims(p95: Record<string, number>): Claim[] {
  const claim = (what: string, seconds: number, measured: number | undefined, how: string): Claim => ({
    what: `${what}, p95`,
    seed: `< ${seconds < 1 ? `${seconds * 1000} ms` : `${seconds} s`}`,
    measured: measured ?? NaN,
    unit: 'ms',
    target: { below: seconds * 1000 },
    how,
  });
  const { responseMs, startMs, storageMs, webhookToRowMs, messageMs } = p95;
  const load = `${STEADY_RATE}/s`;
  return [
    claim('webhook to queue', 0.1, responseMs, `${load}; the 200 comes after the durable write`),
    claim('queue to processing', 5, startMs, `${load}; from reception to the first stage`),
    claim('warehouse storage', 5, storageMs, `${load}; from the stage to the write of its row`),
    claim('webhook to row', 5, webhookToRowMs, `${load}; from reception to the write of the enhanced row`),
    claim('notification', 1, messageMs, `${load}; from reception to the message at the agent`),
  ];
}
