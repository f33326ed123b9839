import { Gauge } from 'prom-client';
import { loadConfig } from '../config/load-config.js';
import type { CircuitState, Warehouse } from '../contracts/ports/warehouse.port.js';
import type { RedisOutbox } from './redis-outbox.js';
import { WarehouseMetrics } from './warehouse-metrics.js';

interface Situation {
  readonly oldestAgeSeconds?: number;
  readonly circuit?: CircuitState;
  readonly problem?: { readonly code: string; readonly message: string; readonly since: string };
  readonly ping?: () => Promise<void>;
}

function metricsOf({ oldestAgeSeconds = 0, circuit = 'closed', problem, ping }: Situation): WarehouseMetrics {
  const backlog = (rows: number, age: number) => ({ rows, bytes: 1, oldestAgeSeconds: age });
  const backlogs = new Map([
    ['GONG_WEBHOOKS_RAW', backlog(2, oldestAgeSeconds)],
    ['GONG_CALLS_ENHANCED', backlog(3, 0)],
  ]);
  const outbox = { backlogs: () => Promise.resolve(backlogs) } as unknown as RedisOutbox;
  const status = { circuit, ...(problem !== undefined && { problem }) };
  const warehouse = { status, description: 'a warehouse', ping: ping ?? (() => Promise.resolve()) };
  const gauge = <T extends string>(name: string, ...labelNames: T[]) =>
    new Gauge({ name, help: name, labelNames, registers: [] });
  return new WarehouseMetrics(
    outbox,
    loadConfig({}),
    warehouse as unknown as Warehouse,
    gauge('a', 'table'),
    gauge('b', 'table'),
    gauge('c', 'table'),
    gauge('d', 'dependency'),
  );
}

describe('the health of the warehouse', () => {
  it('is good where it answers and rows do not wait', async () => {
    expect(await metricsOf({ oldestAgeSeconds: 61 }).check()).toEqual({
      status: 'up',
      details: { warehouse: 'a warehouse', circuit: 'closed', outboxRows: 5, outboxOldestAgeSeconds: 61 },
    });
  });

  it('is not quite good where rows have waited for long', async () => {
    expect((await metricsOf({ oldestAgeSeconds: 62 }).check()).status).toBe('degraded');
  });

  it('is bad where it does not answer, and says why', async () => {
    const ping = () => Promise.reject(new Error('no connection'));
    expect(await metricsOf({ ping, oldestAgeSeconds: 999 }).check()).toMatchObject({
      ...{ status: 'down', details: { reason: 'no connection' } },
    });
  });

  it('does not ask while it is left alone, and names the last problem', async () => {
    const ping = jest.fn(() => Promise.resolve());
    const problem = {
      code: 'WAREHOUSE.AUTHENTICATION',
      message: 'who are you',
      since: '2026-03-04T10:00:00.000Z',
    };
    expect(await metricsOf({ circuit: 'open', problem, ping }).check()).toMatchObject({
      status: 'down',
      details: { reason: 'who are you', problem: problem.code, problemSince: problem.since },
    });
    const unknown = await metricsOf({ circuit: 'open', ping }).check();
    expect(unknown.details).toMatchObject({ reason: 'it failed several times in a row' });
    expect(ping).not.toHaveBeenCalled();
  });

  it('asks once for many probes, and again after a failure', async () => {
    const ping = jest.fn(() => Promise.resolve());
    ping.mockRejectedValueOnce(new Error('no connection'));
    const metrics = metricsOf({ ping });
    const states = [await metrics.check(), await metrics.check(), await metrics.check()];
    expect(states.map(({ status }) => status)).toEqual(['down', 'up', 'up']);
    expect(ping).toHaveBeenCalledTimes(2);
  });
});
