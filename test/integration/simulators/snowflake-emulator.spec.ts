import { promisify } from 'node:util';
import type { Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk';
import { translate } from '../../simulators/snowflake/snowflake-sql.js';
import { SnowflakeEmulator } from '../../simulators/snowflake/snowflake-emulator.js';

process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SNOWFLAKE_DISABLE_MINICORE = 'true';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = 'true';

const PLACE = 'LAKE.SHORE';

describe('the Snowflake emulator, asked by the real driver', () => {
  let emulator: SnowflakeEmulator;
  let connection: Connection;

  beforeAll(async () => {
    emulator = await SnowflakeEmulator.start({
      places: [PLACE],
      users: [{ name: 'ANN', password: 'right', roles: { OWNER: 'everything' } }],
      chunkRows: 100,
      inProgressAfterMs: 100,
    });
    const { default: sdk } = await import('snowflake-sdk');
    const silent = () => undefined;
    const customLogger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };
    sdk.configure({ customLogger, additionalLogToConsole: false });
    const options: ConnectionOptions = {
      account: 'emulated',
      accessUrl: emulator.url,
      username: 'ann',
      password: 'right',
      database: 'LAKE',
      schema: 'SHORE',
      role: 'OWNER',
    };
    connection = sdk.createConnection(options);
    await promisify((done: (error: Error | undefined) => void) =>
      connection.connect((error) => done(error)),
    )();
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => connection.destroy(() => resolve()));
    await emulator.stop();
  });
  afterEach(() => emulator.faults.clear());

  async function run(sqlText: string, binds: string[] = []): Promise<{ rows: unknown[]; changed: number }> {
    const statement = await new Promise<RowStatement>((resolve, reject) => {
      connection.execute({
        sqlText,
        binds,
        streamResult: true,
        complete: (error, done) => (error ? reject(error) : resolve(done)),
      });
    });
    const rows: unknown[] = [];
    for await (const row of statement.streamRows()) rows.push(row);
    return { rows, changed: statement.getNumUpdatedRows() ?? -1 };
  }

  it('gives every kind of cell as the driver expects it', async () => {
    const { rows } = await run(
      `SELECT 'a;b''c' AS TXT, 12 AS INT, 0.5::FLOAT AS REAL_, TRUE AS YES, NULL AS NONE, PARSE_JSON(?) AS DOC,
        '1969-12-31T23:59:59.250+02:00'::TIMESTAMP_TZ AS OLD, DATE '2026-03-04' AS DAY`,
      ['{"a":[1,{"b":"x"}]}'],
    );
    expect(rows).toMatchObject([
      { TXT: "a;b'c", INT: 12, REAL_: 0.5, YES: true, NONE: null, DOC: { a: [1, { b: 'x' }] } },
    ]);
    const [{ OLD, DAY }] = rows as [{ OLD: Date; DAY: Date }];
    expect(OLD.toISOString()).toBe('1969-12-31T21:59:59.250Z');
    expect(DAY.toISOString()).toBe('2026-03-04T00:00:00.000Z');
  });

  it('counts the rows that a MERGE, UPDATE and DELETE change, and enforces no key', async () => {
    await run(
      'CREATE TABLE T (K VARCHAR(10) NOT NULL, V NUMBER(38,0), D VARIANT, PRIMARY KEY (K) NOT ENFORCED)',
    );
    const merge = `MERGE INTO T AS t USING (SELECT f.value:K::VARCHAR AS K, f.value:V::NUMBER(38,0) AS V, f.value:D AS D
      FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS f) AS s ON t.K = s.K
      WHEN MATCHED AND s.V > t.V THEN UPDATE SET V = s.V WHEN NOT MATCHED THEN INSERT (K, V, D) VALUES (s.K, s.V, s.D)`;
    expect((await run(merge, ['[{"K":"a","V":1,"D":[1]},{"K":"b","V":1}]'])).changed).toBe(2);
    expect((await run(merge, ['[{"K":"a","V":2},{"K":"b","V":0}]'])).changed).toBe(1);
    expect((await run("INSERT INTO T (K, V) SELECT 'a', 9")).changed).toBe(1);
    expect((await run("UPDATE T SET V = 5 WHERE K = 'a'")).changed).toBe(2);
    expect((await run("DELETE FROM T WHERE K = 'a'")).changed).toBe(2);
    expect((await run('SELECT K FROM T')).rows).toEqual([{ K: 'b' }]);
  });

  it('sends large results in chunks, and slow ones when they are asked for again', async () => {
    expect((await run('SELECT range AS N FROM range(350)')).rows.length).toBe(350);
    emulator.faults.slow(/slow_one/, 400);
    expect((await run('SELECT 1 AS slow_one')).rows).toEqual([{ SLOW_ONE: 1 }]);
    expect(emulator.seen.some(({ path }) => path.endsWith('/result'))).toBe(true);
  });

  it.each([
    ['SELEC 1', '001003', '42000'],
    ['SELECT * FROM NOWHERE', '002003', '42S02'],
    ["SELECT PARSE_JSON('{no')", '100069', '22P02'],
    ["SELECT 'x'::NUMBER(38,0)", '100035', '22007'],
  ])('answers %s with the code of Snowflake', async (sql, code, sqlState) => {
    await expect(run(sql)).rejects.toMatchObject({ code, sqlState });
  });

  it('refuses a wrong password', async () => {
    const { default: sdk } = await import('snowflake-sdk');
    const stranger = sdk.createConnection({
      account: 'emulated',
      accessUrl: emulator.url,
      username: 'ann',
      password: 'wrong',
      sfRetryMaxLoginRetries: 0,
    });
    const error = await new Promise<unknown>((resolve) => stranger.connect((refusal) => resolve(refusal)));
    expect(error).toMatchObject({ code: '390100' });
  });

  describe('translates', () => {
    it.each([
      ["SELECT 'it''s TABLE(FLATTEN(x)) a:b'", "SELECT 'it''s TABLE(FLATTEN(x)) a:b'"],
      ['SELECT c.x:a.b[0].c::VARCHAR FROM T AS c', `SELECT (c.x->>'$."a"."b"[0]."c"')::VARCHAR FROM T AS c`],
      ['SELECT IDS[0]::VARCHAR FROM T', `SELECT (IDS->>'$[0]')::VARCHAR FROM T`],
      [
        'SELECT x:a FROM T, LATERAL FLATTEN(INPUT => T.y) AS f',
        `SELECT (x->'$."a"') FROM T, json_each(T.y) AS f`,
      ],
      [
        "SELECT LISTAGG(A, '') WITHIN GROUP (ORDER BY B) AS C FROM T",
        "SELECT string_agg(A, '' ORDER BY B) AS C FROM T",
      ],
      [
        'CREATE TABLE T (A VARIANT, B TIMESTAMP_TZ(3), PRIMARY KEY (A) NOT ENFORCED)',
        'CREATE TABLE T (A JSON, B TIMESTAMPTZ)',
      ],
    ])('%s', (snowflake, duckdb) => {
      expect(translate(snowflake).sql.replaceAll(/ +/g, ' ').replaceAll('( ', '(')).toBe(duckdb);
    });
  });
});
