import { randomBytes } from 'node:crypto';
import { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../../../src/config/load-config.js';
import { MIGRATIONS } from '../../../src/warehouse/migrations/migrations.js';
import { SnowflakeWarehouse } from '../../../src/warehouse/snowflake/snowflake.warehouse.js';
import { describeWarehouse, type WarehouseHarness } from './warehouse-conformance.js';

const PREFIX = 'SNOWFLAKE_TEST_';
const logger = new PinoLogger({ pinoHttp: { level: 'silent' } });

/** `SNOWFLAKE_TEST_ACCOUNT` as `SNOWFLAKE_ACCOUNT`, and so on. */
const given = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [`SNOWFLAKE_${name.slice(PREFIX.length)}`, value]),
);

async function openAccount(): Promise<WarehouseHarness> {
  const schema = `TRIBUTARY_TEST_${randomBytes(6).toString('hex').toUpperCase()}`;
  const inSchema = (name: string) => {
    const config = loadConfig({ ...given, WAREHOUSE: 'snowflake', SNOWFLAKE_SCHEMA: name });
    return new SnowflakeWarehouse(config, logger);
  };
  const outside = inSchema('PUBLIC');
  await outside.upkeep.execute({ sql: `CREATE SCHEMA ${schema}` });
  const warehouse = inSchema(schema);
  await warehouse.migrate();
  await warehouse.open();
  const looking = inSchema(schema);
  return {
    warehouse,
    query: (sql) => looking.reading.query({ sql }),
    dispose: async () => {
      await outside.upkeep.execute({ sql: `DROP SCHEMA ${schema} CASCADE` });
      await Promise.all([warehouse, looking, outside].map((opened) => opened.close()));
    },
  };
}

if (given.SNOWFLAKE_ACCOUNT === undefined) {
  describe('Snowflake on a real account', () => {
    it.skip(`is tested only where ${PREFIX}ACCOUNT and the others are set (test/simulators/snowflake/README.md)`, () => {
      expect(MIGRATIONS.length).toBeGreaterThan(0);
    });
  });
} else {
  jest.setTimeout(300_000);
  describeWarehouse('Snowflake (a real account)', openAccount);
}
