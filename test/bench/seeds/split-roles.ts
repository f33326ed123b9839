import { resolve } from 'node:path';
import { GongSigner } from '../../simulators/gong/gong-signer.js';
import { freePort } from '../../support/free-port.js';
import { startRedis } from '../../support/redis-server.js';
import { runMigrate } from '../../support/run-migrate.js';
import {
  migratorEnvironment,
  PLACE,
  snowflakeEnvironment,
  startAccount,
} from '../../support/snowflake-account.js';
import { waitFor } from '../../support/wait-for.js';
import type { Load } from '../ingest/load.js';
import { SubjectProcess } from '../ingest/subject-process.js';
import type { Claim } from './claim.js';
import type { Plan } from './plan.js';

const MAIN = resolve(__dirname, '../../../dist/main.js');
const EVENTS_PER_SECOND = 100;

/** What api and worker hold in memory when they run apart, which DuckDB does not allow. */
export async function measureSplitRoles(
  load: Load,
  plan: Plan,
  say: (line: string) => void,
): Promise<Claim[]> {
  say(`api and worker apart, ${EVENTS_PER_SECOND} events/s for ${plan.splitSeconds} s`);
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  const emulator = await startAccount({ isDedupingRequests: false });
  const processes: SubjectProcess[] = [];
  try {
    await runMigrate(migratorEnvironment(emulator));
    const port = await freePort();
    const shared = {
      ...snowflakeEnvironment(emulator),
      HOST: '127.0.0.1',
      REDIS_URL: redis.url,
      WEBHOOK_BASE_URL: `http://127.0.0.1:${port}`,
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
      SHUTDOWN_DELAY_SECONDS: '0',
      RECONCILIATION_ENABLED: 'false',
    };
    const api = await start({ ...shared, ROLE: 'api' }, port);
    processes.push(api);
    const worker = await start({ ...shared, ROLE: 'worker' }, await freePort());
    processes.push(worker);
    const { answered } = await load.send({
      port,
      form: 'jwt',
      secret: '',
      privateKey: GongSigner.shared().privateKeyPem,
      connections: 20,
      milliseconds: plan.splitSeconds * 1000,
      rate: EVENTS_PER_SECOND,
      prepared: plan.splitSeconds * EVENTS_PER_SECOND + 1,
      mayRepeat: false,
    });
    const rows = async () => {
      const [row] = await emulator.peek(PLACE, 'SELECT count(*)::INTEGER AS n FROM GONG_CALLS_ENHANCED');
      return Number(row?.n) >= answered;
    };
    await waitFor('all rows', rows, { timeoutMs: 180_000, intervalMs: 500 });
    return [memoryClaim('api', api, 512), memoryClaim('worker', worker, 768)];
  } finally {
    await Promise.all(processes.map((process) => process.stop()));
    await emulator.stop();
    await redis.stop();
  }
}

function start(environment: Record<string, string>, port: number): Promise<SubjectProcess> {
  return SubjectProcess.start({
    command: 'node',
    args: [MAIN],
    environment: { ...environment, PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
  });
}

function memoryClaim(role: string, process: SubjectProcess, limitMiB: number): Claim {
  return {
    what: `memory of ${role}`,
    seed: 'none',
    measured: process.usage().rssMiB,
    unit: 'MiB',
    target: { below: limitMiB },
    how: `RSS after ${EVENTS_PER_SECOND} events/s, WAREHOUSE=snowflake (emulated); the limit is the manifest's`,
  };
}
