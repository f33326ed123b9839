import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SnowflakeEmulator } from '../simulators/snowflake/snowflake-emulator.js';
import { runMigrate } from '../support/run-migrate.js';
import { ServiceProcess } from '../support/service.js';
import {
  migratorEnvironment,
  PLACE,
  snowflakeEnvironment,
  startAccount,
} from '../support/snowflake-account.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** 0003 changes what only the embedded warehouse has. */
const VERSIONS = ['0001', '0002', '0004', '0005'];
const ONLY_EMBEDDED = ['0003'];

describe('npm run migrate', () => {
  let emulator: SnowflakeEmulator;
  beforeEach(async () => {
    emulator = await startAccount();
  });
  afterEach(() => emulator.stop());

  it('makes the schema in Snowflake, says what it did, and does nothing the second time', async () => {
    const first = await runMigrate(migratorEnvironment(emulator));
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringMatching(/applied 0001 .*\napplied 0002 /) as string,
    });
    const second = await runMigrate(migratorEnvironment(emulator));
    expect(second).toMatchObject({ code: 0, output: expect.not.stringContaining('applied') as string });
    const rows = await emulator.peek(PLACE, 'SELECT VERSION, APPLIED_BY FROM SCHEMA_MIGRATIONS ORDER BY 1');
    expect(rows).toEqual(VERSIONS.map((VERSION) => ({ VERSION, APPLIED_BY: 'TRIBUTARY_MIGRATOR' })));
    for (const version of VERSIONS) expect(first.output).toContain(`applied ${version} `);
  });

  it('completes what a run that ended in the middle has begun', async () => {
    emulator.faults.fail(/GONG_EMAILS_ENHANCED/, { code: '000603', sqlState: 'XX000', message: 'crash' }, 1);
    expect((await runMigrate(migratorEnvironment(emulator))).code).toBe(1);
    expect((await runMigrate(migratorEnvironment(emulator))).code).toBe(0);
    const [row] = await emulator.peek(PLACE, 'SELECT COUNT(*)::INTEGER AS N FROM SCHEMA_MIGRATIONS');
    expect(row?.N).toBe(VERSIONS.length);
  });

  it('needs a role that may change the schema, and says so', async () => {
    const refused = await runMigrate(snowflakeEnvironment(emulator));
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('insufficient privileges');
  });

  it('names a missing variable, and never a value', async () => {
    const refused = await runMigrate({ WAREHOUSE: 'snowflake', SNOWFLAKE_PRIVATE_KEY: 'hunter2' });
    expect(refused.code).toBe(78);
    for (const name of ['ACCOUNT', 'USER', 'WAREHOUSE', 'DATABASE', 'SCHEMA', 'PRIVATE_KEY']) {
      expect(refused.output).toContain(`SNOWFLAKE_${name}: `);
    }
    expect(refused.output).not.toContain('hunter2');
  });

  it('works for the embedded warehouse too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-migrate-test-'));
    try {
      const { code, output } = await runMigrate({ DATA_DIR: folder });
      expect([code, output]).toEqual([0, expect.stringContaining('up to date')]);
      expect(
        await queryWarehouse(
          join(folder, 'warehouse.duckdb'),
          'SELECT COUNT(*)::INTEGER AS N FROM SCHEMA_MIGRATIONS',
        ),
      ).toEqual([{ N: VERSIONS.length + ONLY_EMBEDDED.length }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the service with Snowflake', () => {
  it('refuses to start on a schema that is not there, naming the command', async () => {
    const emulator = await startAccount();
    const service = await ServiceProcess.create(snowflakeEnvironment(emulator));
    try {
      service.launch();
      expect(await service.ended()).toBe(1);
      expect(service.output).toContain('npm run migrate');
    } finally {
      await service.dispose();
      await emulator.stop();
    }
  });

  it('writes a call, purges what is old as the purger, logs no secret, and ends its sessions when it stops', async () => {
    const snowflake = await SnowflakeHouse.create({ LOG_LEVEL: 'trace', RAW_RETENTION_DAYS: '30' });
    const { house, emulator } = snowflake;
    const rawIds = async () => {
      const rows = await emulator.peek(PLACE, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW');
      return rows.map(({ EVENT_ID }) => EVENT_ID);
    };
    try {
      await emulator.peek(
        PLACE,
        'INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, BODY, BODY_ENCODING, PAYLOAD_SHA256, ' +
          "RECEIVED_AT, LOADED_AT) SELECT 'day ' || d, 'main', 'gong', 'call', '{}', 'utf8', 'ab', now() - to_days(d), now() " +
          'FROM (VALUES (31), (29)) AS t(d)',
      );
      await house.service.start();
      await waitFor('the purge', async () => !(await rawIds()).includes('day 31'));
      const deletes = emulator.seen.filter(({ sql }) => sql?.startsWith('DELETE FROM GONG_WEBHOOKS_RAW'));
      expect(deletes.map(({ role }) => role)).toEqual(['TRIBUTARY_PURGER']);
      expect((await house.postCall({ seed: 1 })).status).toBe(200);
      await waitFor('the row', async () => {
        const [row] = await emulator.peek(PLACE, 'SELECT COUNT(*)::INTEGER AS N FROM GONG_CALLS_ENHANCED');
        return row?.N === 1;
      });
      expect(await rawIds()).toContain('day 29');
      const health = JSON.stringify(await (await fetch(`${house.service.url}/health`)).json());
      expect(health).toContain('"circuit":"closed"');
      expect(await house.service.terminate()).toBe(0);
      expect(emulator.openSessions).toBe(0);
      expect(house.service.output).toContain('"msg":"warehouse.purged"');
      expect(house.service.output).not.toContain('BEGIN ENCRYPTED PRIVATE KEY');
      expect(house.service.output).not.toContain(
        snowflakeEnvironment(emulator).SNOWFLAKE_PRIVATE_KEY_PASSPHRASE,
      );
    } finally {
      await snowflake.close();
    }
  });

  it('starts and takes webhooks while Snowflake is away, and writes them when it is back', async () => {
    const snowflake = await SnowflakeHouse.create({ LOG_LEVEL: 'debug' });
    const { house, emulator } = snowflake;
    try {
      await emulator.goDown();
      await house.service.start();
      expect((await house.postCall({ seed: 2 })).status).toBe(200);
      await emulator.goUp();
      await waitFor(
        'the row',
        async () => {
          const [row] = await emulator.peek(PLACE, 'SELECT COUNT(*)::INTEGER AS N FROM GONG_CALLS_ENHANCED');
          return row?.N === 1;
        },
        { timeoutMs: 50_000 },
      );
      // What the driver had to say is in our log, and in no file of its own.
      expect(house.service.output).toContain('"msg":"snowflake.driver"');
      expect(existsSync('snowflake.log')).toBe(false);
    } finally {
      await snowflake.close();
    }
  });
});
