import { join } from 'node:path';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import { DuckDbWarehouse } from './duckdb/duckdb.warehouse.js';
import { SnowflakeWarehouse } from './snowflake/snowflake.warehouse.js';
import type { SqlWarehouse } from './sql-warehouse.js';

/** The configured warehouse, not opened yet. */
export function createWarehouse(config: AppConfig, logger: PinoLogger): SqlWarehouse {
  switch (config.WAREHOUSE) {
    case 'duckdb':
      return new DuckDbWarehouse(config.DUCKDB_PATH ?? join(config.DATA_DIR, 'warehouse.duckdb'));
    case 'snowflake':
      return new SnowflakeWarehouse(config, logger);
  }
}
