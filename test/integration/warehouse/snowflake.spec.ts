import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../../../src/config/load-config.js';
import {
  type SnowflakeDeadlines,
  SnowflakeWarehouse,
} from '../../../src/warehouse/snowflake/snowflake.warehouse.js';
import type { SnowflakeEmulator } from '../../simulators/snowflake/snowflake-emulator.js';
import {
  ACCOUNT,
  migratorEnvironment,
  PLACE,
  snowflakeEnvironment,
  startAccount,
} from '../../support/snowflake-account.js';
import { waitFor } from '../../support/wait-for.js';
import { describeWarehouse, type WarehouseHarness } from './warehouse-conformance.js';
import { rawRow } from './warehouse-rows.js';

const logger = new PinoLogger({ pinoHttp: { level: 'silent' } });

function warehouseOn(
  emulator: SnowflakeEmulator,
  environment: Record<string, string> = {},
  deadlines: Partial<SnowflakeDeadlines> = {},
): SnowflakeWarehouse {
  const config = loadConfig({ ...snowflakeEnvironment(emulator), ...environment });
  return new SnowflakeWarehouse(config, logger, deadlines);
}

async function migrated(emulator: SnowflakeEmulator): Promise<void> {
  const owner = warehouseOn(emulator, migratorEnvironment(emulator));
  await owner.migrate();
  await owner.close();
}

/** One account for the whole conformance suite: its schema takes longer to make than most tests take. */
describe('with an account', () => {
  let account: SnowflakeEmulator;
  beforeAll(async () => {
    account = await startAccount();
    await migrated(account);
  });
  afterAll(() => account.stop());

  async function emptyTables(): Promise<void> {
    const tables = await account.peek(
      PLACE,
      "SELECT table_name AS NAME FROM duckdb_tables() WHERE table_name <> 'SCHEMA_MIGRATIONS'",
    );
    for (const { NAME } of tables) await account.peek(PLACE, `TRUNCATE ${String(NAME)}`);
  }

  async function openHarness(): Promise<WarehouseHarness> {
    const warehouse = warehouseOn(account);
    await warehouse.open();
    return {
      warehouse,
      query: (sql) => account.peek(PLACE, sql),
      dispose: async () => {
        await warehouse.close();
        await emptyTables();
      },
    };
  }

  describeWarehouse('Snowflake (driver and emulator)', openHarness);
});

describe('SnowflakeWarehouse', () => {
  let emulator: SnowflakeEmulator;
  const opened: SnowflakeWarehouse[] = [];

  beforeEach(async () => {
    emulator = await startAccount();
    await migrated(emulator);
  });
  afterEach(async () => {
    emulator.faults.clear();
    await Promise.all(opened.splice(0).map((warehouse) => warehouse.close()));
    await emulator.stop();
  });

  function warehouse(
    environment: Record<string, string> = {},
    deadlines: Partial<SnowflakeDeadlines> = {},
  ): SnowflakeWarehouse {
    const made = warehouseOn(emulator, environment, deadlines);
    opened.push(made);
    return made;
  }

  const rawIds = async () => {
    const rows = await emulator.peek(PLACE, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW ORDER BY 1');
    return rows.map(({ EVENT_ID }) => EVENT_ID);
  };
  const count = (pattern: RegExp) => emulator.statements.filter((sql) => pattern.test(sql)).length;
  const MERGE = /^MERGE INTO GONG_WEBHOOKS_RAW/;
  const RAW_MERGE = /query-request MERGE INTO GONG_WEBHOOKS_RAW/;

  describe('logging in', () => {
    const noKey = { SNOWFLAKE_PRIVATE_KEY: '', SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: '' };
    it.each([
      ['an encrypted key', {}],
      ['a plain key', { SNOWFLAKE_PRIVATE_KEY: ACCOUNT.plainKey, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: '' }],
      ['a password', { ...noKey, SNOWFLAKE_PASSWORD: ACCOUNT.password }],
      ['a programmatic access token', { ...noKey, SNOWFLAKE_TOKEN: ACCOUNT.accessToken }],
      ['an OAuth token', { ...noKey, SNOWFLAKE_TOKEN: ACCOUNT.oauthToken, SNOWFLAKE_TOKEN_TYPE: 'oauth' }],
    ])('works with %s', async (_what, environment) => {
      const snowflake = warehouse(environment);
      await snowflake.open();
      expect(await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')])).toBe(1);
    });

    it.each([
      ['a wrong password', { ...noKey, SNOWFLAKE_PASSWORD: 'wrong' }],
      ['a wrong token', { ...noKey, SNOWFLAKE_TOKEN: 'wrong' }],
      ['a role that is not granted', { SNOWFLAKE_ROLE: 'ACCOUNTADMIN' }],
      ['a user whose key is another', { SNOWFLAKE_USER: 'STRANGER' }],
    ])(
      'refused for %s does not stop the start, and says so without the secret',
      async (_what, environment) => {
        const snowflake = warehouse(environment);
        await snowflake.open();
        const writing = snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
        await expect(writing).rejects.toMatchObject({ code: 'WAREHOUSE.AUTHENTICATION', retry: 'never' });
        await expect(writing).rejects.not.toThrow('wrong');
        expect(snowflake.status.problem?.code).toBe('WAREHOUSE.AUTHENTICATION');
      },
    );

    it('reads a token from its file again at each login, because somebody rotates it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-token-test-'));
      try {
        const file = join(folder, 'token');
        writeFileSync(file, 'not yet valid\n');
        const snowflake = warehouse({ ...noKey, SNOWFLAKE_TOKEN_FILE: file });
        await snowflake.open();
        writeFileSync(file, `${ACCOUNT.accessToken}\n`);
        expect(await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')])).toBe(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe('its schema', () => {
    it('must be there: the start is refused, naming the command', async () => {
      const bare = await startAccount();
      const early = warehouseOn(bare);
      try {
        await expect(early.open()).rejects.toMatchObject({
          code: 'WAREHOUSE.SCHEMA_MISMATCH',
          message: expect.stringContaining('npm run migrate') as string,
        });
      } finally {
        await early.close();
        await bare.stop();
      }
    });

    it('must be complete and unchanged', async () => {
      await emulator.peek(PLACE, "DELETE FROM SCHEMA_MIGRATIONS WHERE VERSION = '0002'");
      await expect(warehouse().open()).rejects.toThrow('0002');
      await emulator.peek(PLACE, "UPDATE SCHEMA_MIGRATIONS SET CHECKSUM = 'other'");
      await expect(warehouse().open()).rejects.toThrow('another form');
    });

    it('must have every column, also those that somebody has taken away', async () => {
      await emulator.peek(PLACE, 'ALTER TABLE GONG_CALLS_ENHANCED DROP COLUMN SENTIMENT');
      await expect(warehouse().open()).rejects.toThrow('GONG_CALLS_ENHANCED.SENTIMENT');
    });

    it('may be newer, because the old release runs while the new one is rolled out', async () => {
      await emulator.peek(
        PLACE,
        "INSERT INTO SCHEMA_MIGRATIONS VALUES ('9999', 'later', 'x', now(), 'migrator')",
      );
      await warehouse().open();
    });

    it('is never changed by the service, whose role may only insert, merge and select', async () => {
      const snowflake = warehouse();
      await snowflake.open();
      await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
      const ofLoader = emulator.seen.filter(({ role }) => role === 'TRIBUTARY_LOADER').map(({ sql }) => sql);
      expect(ofLoader.filter((sql) => sql !== undefined && !/^(SELECT|MERGE)/.test(sql))).toEqual([]);
    });
  });

  it('leaves nothing in the working directory, and reports nothing but statements', async () => {
    const before = readdirSync('.');
    const snowflake = warehouse();
    await snowflake.open();
    await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
    expect(readdirSync('.')).toEqual(before);
    expect(emulator.seen.filter(({ path }) => path.includes('telemetry'))).toEqual([]);
  });

  it('gives every statement a tag and a time limit', async () => {
    const snowflake = warehouse();
    await snowflake.open();
    await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
    const merge = emulator.seen.find(({ sql }) => sql !== undefined && MERGE.test(sql));
    expect(merge?.parameters).toEqual({
      QUERY_TAG: '{"app":"tributary","task":"load"}',
      STATEMENT_TIMEOUT_IN_SECONDS: 120,
    });
  });

  describe('when Snowflake is in trouble', () => {
    let snowflake: SnowflakeWarehouse;
    beforeEach(async () => {
      snowflake = warehouse({}, { writeMs: 5_000, closeMs: 500 });
      await snowflake.open();
      await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('first')]);
    });
    const write = (...ids: string[]) => {
      return snowflake.write(
        'GONG_WEBHOOKS_RAW',
        ids.map((id) => rawRow(id)),
      );
    };

    it('repeats a request that got 503', async () => {
      emulator.faults.unavailable(RAW_MERGE, 1);
      expect(await write('second')).toBe(1);
    });

    it('writes a row once when the answer was lost after the commit', async () => {
      emulator.faults.resetAfterCommit(RAW_MERGE);
      await write('second');
      expect(await rawIds()).toEqual(['first', 'second']);
    });

    it('cancels a statement that takes too long, and needs no restart afterwards', async () => {
      const hasty = warehouse({}, { writeMs: 400, closeMs: 500 });
      await hasty.open();
      emulator.faults.slow(RAW_MERGE, 30_000);
      await expect(hasty.write('GONG_WEBHOOKS_RAW', [rawRow('late')])).rejects.toMatchObject({
        code: 'WAREHOUSE.UNAVAILABLE',
        retry: 'backoff',
      });
      await waitFor('the cancel', () => emulator.seen.some(({ path }) => path.endsWith('abort-request')));
      expect(await hasty.write('GONG_WEBHOOKS_RAW', [rawRow('next')])).toBe(1);
      expect(await rawIds()).toEqual(['first', 'next']);
    });

    it('gives up on a server that accepts and never answers', async () => {
      const hasty = warehouse({}, { writeMs: 400, closeMs: 500 });
      await hasty.open();
      emulator.faults.hang(RAW_MERGE, 1);
      await expect(hasty.write('GONG_WEBHOOKS_RAW', [rawRow('late')])).rejects.toMatchObject({
        code: 'WAREHOUSE.UNAVAILABLE',
      });
    });

    it('waits for a virtual warehouse that resumes, polling', async () => {
      emulator.faults.slow(RAW_MERGE, 2_500);
      expect(await write('second')).toBe(1);
      expect(emulator.seen.some(({ path }) => path.endsWith('/result'))).toBe(true);
    });

    it('renews an expired session in place', async () => {
      emulator.expireSessions();
      expect(await write('second')).toBe(1);
      expect(emulator.seen.some(({ path }) => path === '/session/token-request')).toBe(true);
    });

    it.each([
      ['ended on the server', () => emulator.endSessions()],
      ['answered with HTTP 401', () => emulator.faults.unauthorized(RAW_MERGE, 1)],
    ])('logs in again when its session is %s, within the same write', async (_what, strike) => {
      const logins = emulator.seen.filter(({ path }) => path.includes('login')).length;
      strike();
      expect(await write('second')).toBe(1);
      expect(emulator.seen.filter(({ path }) => path.includes('login')).length).toBe(logins + 1);
    });

    it.each([
      ['the lock queue is full', { code: '000625', sqlState: '57014' }, 'WAREHOUSE.UNAVAILABLE'],
      ['the server failed inside', { code: '000603', sqlState: 'XX000' }, 'WAREHOUSE.UNAVAILABLE'],
      ['no virtual warehouse is there', { code: '000606', sqlState: '57P03' }, 'WAREHOUSE.MISCONFIGURED'],
      ['the credits are spent', { code: '090073', sqlState: '22000' }, 'WAREHOUSE.MISCONFIGURED'],
      ['a right is missing', { code: '003001', sqlState: '42501' }, 'WAREHOUSE.MISCONFIGURED'],
      ['a text is too long', { code: '100078', sqlState: '22000' }, 'WAREHOUSE.ROW_REFUSED'],
    ])('says what to do when %s', async (_what, failure, code) => {
      emulator.faults.fail(RAW_MERGE, { ...failure, message: 'said by the server' }, 1);
      const sent = count(MERGE);
      await expect(write('second')).rejects.toMatchObject({ code });
      // Without streamed results the driver would send it again, and might say something else.
      expect(count(MERGE)).toBe(sent + 1);
      expect(await write('third')).toBe(1);
    });

    it('does not take a missing database for bad rows, although Snowflake gives both the state 22000', async () => {
      const lost = warehouse({ SNOWFLAKE_SCHEMA: 'NOWHERE' });
      await lost.open();
      await expect(lost.write('GONG_WEBHOOKS_RAW', [rawRow('x')])).rejects.toMatchObject({
        code: 'WAREHOUSE.MISCONFIGURED',
      });
    });

    it('survives an answer that is no JSON', async () => {
      emulator.faults.malformed(RAW_MERGE, 1);
      await write('second').catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'WAREHOUSE.UNAVAILABLE' });
      });
      await write('second');
      expect(await rawIds()).toEqual(['first', 'second']);
    });

    it('opens its circuit after three failures, asks no more, and closes it by itself', async () => {
      const states: string[] = [];
      snowflake.watchCircuit((state) => states.push(state));
      emulator.faults.lockQueueFull(RAW_MERGE, 3);
      for (let attempt = 0; attempt < 3; attempt += 1) await expect(write('x')).rejects.toThrow('000625');
      expect(snowflake.status).toMatchObject({ circuit: 'open', problem: { code: 'WAREHOUSE.UNAVAILABLE' } });
      const asked = count(MERGE);
      await expect(write('x')).rejects.toThrow('not asked');
      expect(count(MERGE)).toBe(asked);
      await waitFor('the circuit to close', async () => {
        await write('x').catch(() => undefined);
        return snowflake.status.circuit === 'closed';
      });
      expect(states).toEqual(['closed', 'open', 'half-open', 'closed']);
      expect(snowflake.status.problem).toBeUndefined();
    });

    it('closes although a statement hangs', async () => {
      emulator.faults.hang(RAW_MERGE, 1);
      const writing = expect(write('second')).rejects.toMatchObject({ code: 'WAREHOUSE.UNAVAILABLE' });
      await waitFor('the statement', () => count(MERGE) === 2);
      await snowflake.close();
      await writing;
    });
  });

  it('starts while Snowflake is away, and checks the schema before the first write', async () => {
    await emulator.goDown();
    const snowflake = warehouse({}, { openMs: 3_000 });
    await snowflake.open();
    await expect(snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')])).rejects.toMatchObject({
      code: 'WAREHOUSE.UNAVAILABLE',
    });
    await emulator.goUp();
    await waitFor('the write', async () => {
      return (await snowflake.write('GONG_WEBHOOKS_RAW', [rawRow('one')])) === 1;
    });
    expect(await rawIds()).toEqual(['one']);
  });

  it('uses no more sessions than the pool has, and gives them back', async () => {
    const snowflake = warehouse({ SNOWFLAKE_POOL_SIZE: '2' });
    await snowflake.open();
    const rows = Array.from({ length: 12 }, (_item, index) => rawRow(`e${index}`));
    await Promise.all(rows.map((row) => snowflake.write('GONG_WEBHOOKS_RAW', [row])));
    expect(emulator.openSessions).toBeLessThanOrEqual(2);
    expect((await rawIds()).length).toBe(12);
    await snowflake.close();
    expect(emulator.openSessions).toBe(0);
  });

  it('reads results of many rows, which come in chunks', async () => {
    const chunked = await startAccount({ chunkRows: 10 });
    await migrated(chunked);
    const snowflake = warehouseOn(chunked);
    try {
      await snowflake.open();
      await snowflake.write(
        'GONG_WEBHOOKS_RAW',
        Array.from({ length: 35 }, (_item, index) => rawRow(`e${index}`)),
      );
      const rows = await snowflake.reading.query({
        sql: 'SELECT EVENT_ID, RECEIVED_AT FROM GONG_WEBHOOKS_RAW',
      });
      expect(new Set(rows.map(({ EVENT_ID }) => EVENT_ID)).size).toBe(35);
    } finally {
      await snowflake.close();
      await chunked.stop();
    }
  });

  it('deletes under the role of the purger only', async () => {
    const snowflake = warehouse();
    await snowflake.open();
    await snowflake.upkeep.execute({ sql: 'DELETE FROM GONG_WEBHOOKS_RAW' });
    expect(emulator.seen.find(({ sql }) => sql?.startsWith('DELETE'))?.role).toBe('TRIBUTARY_PURGER');
    const denied = warehouse({ SNOWFLAKE_PURGER_ROLE: '' });
    await denied.open();
    await expect(denied.upkeep.execute({ sql: 'DELETE FROM GONG_WEBHOOKS_RAW' })).rejects.toMatchObject({
      code: 'WAREHOUSE.MISCONFIGURED',
    });
  });
});
