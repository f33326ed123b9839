import type { Load } from '../ingest/load.js';
import { GONG_BODY_BYTES } from '../ingest/signed-requests.js';
import type { Claim } from './claim.js';
import type { Plan } from './plan.js';
import { TributaryService } from './tributary-service.js';

interface Drained {
  readonly perSecond: number;
  readonly cpuMsPerEvent: number;
  readonly redisCpuMsPerEvent: number;
  readonly redisBytesPerEvent: number;
  /** What is left of it when all is done. */
  readonly redisBytesKept: number;
  /** Of the machine's; less than one where others were in the way. */
  readonly cores: number;
}

/** How fast a full queue is worked off with three and with ten workers, and how much of Redis it takes. */
export async function measureProcessing(
  load: Load,
  plan: Plan,
  say: (line: string) => void,
): Promise<Claim[]> {
  const service = await TributaryService.create();
  try {
    const drained = new Map<number, Drained>();
    for (const workers of [3, 10]) {
      say(`${plan.drained} queued events, ${workers} workers`);
      await service.start({ WEBHOOK_NUM_WORKERS: String(workers) });
      await drain(service, load, plan.warmUp);
      drained.set(workers, await drain(service, load, plan.drained));
      await service.halt();
    }
    const [three, ten] = [drained.get(3), drained.get(10)];
    return [rateClaim(3, 100, three), rateClaim(10, 300, ten), bytesClaim(ten), keptClaim(ten)];
  } finally {
    await service.stop();
  }
}

/** Lets events wait, and then lets them be worked off: nothing comes in meanwhile. */
export async function drain(service: TributaryService, load: Load, events: number): Promise<Drained> {
  const whole = (await service.whole()) + events;
  await service.queue.pause();
  const bytesBefore = await service.redisBytes();
  const order = { connections: 50, milliseconds: 120_000, rate: 0, prepared: events };
  const { answered, firstFailure } = await load.send(service.order(order));
  if (answered !== events) throw new Error(`${answered} of ${events} events were taken: ${firstFailure}`);
  const redisBytesPerEvent = ((await service.redisBytes()) - bytesBefore) / events;
  const before = service.spent();
  const startedAt = performance.now();
  await service.queue.resume();
  await service.untilWhole(whole);
  const seconds = (performance.now() - startedAt) / 1000;
  const after = service.spent();
  return {
    perSecond: events / seconds,
    cpuMsPerEvent: (after.service.cpuMs - before.service.cpuMs) / events,
    redisCpuMsPerEvent: (after.redis.cpuMs - before.redis.cpuMs) / events,
    redisBytesPerEvent,
    redisBytesKept: ((await service.redisBytes()) - bytesBefore) / events,
    cores: (after.service.cpuMs - before.service.cpuMs) / 1000 / seconds,
  };
}

function rateClaim(workers: number, atLeast: number, drained?: Drained): Claim {
  const { perSecond = NaN, cpuMsPerEvent = NaN, redisCpuMsPerEvent = NaN, cores = NaN } = drained ?? {};
  return {
    what: `processed, ${workers} workers`,
    seed: `${atLeast}+ events/s`,
    measured: perSecond,
    unit: 'events/s',
    target: { atLeast },
    how: `a full queue, until the last row is in DuckDB; CPU an event: service ${cpuMsPerEvent.toFixed(2)} ms (it got ${cores.toFixed(2)} cores), Redis ${redisCpuMsPerEvent.toFixed(2)} ms`,
  };
}

function bytesClaim(drained?: Drained): Claim {
  return {
    what: 'Redis for each queued event',
    seed: '~10 KB',
    measured: (drained?.redisBytesPerEvent ?? NaN) / 1000,
    unit: 'KB',
    target: { below: 10 },
    how: `calls with a body of ${(GONG_BODY_BYTES / 1000).toFixed(1)} KB; used_memory`,
  };
}

function keptClaim(drained?: Drained): Claim {
  return {
    what: 'Redis for each event that is done',
    seed: 'none',
    measured: (drained?.redisBytesKept ?? NaN) / 1000,
    unit: 'KB',
    target: { below: 10 },
    how: 'deduplication (an hour), messages (a day; their streams are capped), what was told and seen (400 days)',
  };
}
