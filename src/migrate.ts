import 'reflect-metadata';
import { PinoLogger } from 'nestjs-pino';
import { ConfigError } from './config/config-error.js';
import { readConfig } from './config/load-config.js';
import { createWarehouse } from './warehouse/create-warehouse.js';

/** sysexits.h EX_CONFIG: restarting does not help, the configuration must change. */
const EXIT_CONFIG = 78;

/**
 * `npm run migrate`: brings the schema of the configured warehouse up to date and ends. Run it with a role that
 * owns the schema (SNOWFLAKE_USER, SNOWFLAKE_ROLE); the service itself needs no such rights.
 */
async function migrate(): Promise<void> {
  const config = await readConfig(process.env);
  const logger = new PinoLogger({ pinoHttp: { level: config.LOG_LEVEL } });
  const warehouse = await createWarehouse(config, logger);
  try {
    const applied = await warehouse.migrate();
    for (const { version, name, durationMs } of applied) {
      console.log(`applied ${version} ${name} (${durationMs} ms)`);
    }
    console.log(`${warehouse.description}: the schema is up to date`);
  } finally {
    await warehouse.close();
  }
}

migrate().then(
  // The driver may still be repeating a request that nobody waits for.
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
  },
);
