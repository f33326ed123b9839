import { join } from 'node:path';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import { SnowflakeWarehouse } from './snowflake/snowflake.warehouse.js';
import type { SqlWarehouse } from './sql-warehouse.js';

/** The configured warehouse, not opened yet. DuckDB's library is mapped only where it is used: it takes 15 MB. */
export async function createWarehouse(config: AppConfig, logger: PinoLogger): Promise<SqlWarehouse> {
  switch (config.WAREHOUSE) {
    case 'duckdb': {
      const { DuckDbWarehouse } = await import('./duckdb/duckdb.warehouse.js');
      const path = config.DUCKDB_PATH ?? join(config.DATA_DIR, 'warehouse.duckdb');
      return new DuckDbWarehouse(path, (reason) => logger.warn({ reason }, 'warehouse.keys_not_read'));
    }
    case 'snowflake':
      return new SnowflakeWarehouse(config, logger);
  }
}
