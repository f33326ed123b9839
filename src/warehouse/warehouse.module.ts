import { join } from 'node:path';
import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { Warehouse } from '../contracts/ports/warehouse.port.js';
import { DuckDbWarehouse } from './duckdb/duckdb.warehouse.js';
import { RedisOutbox } from './redis-outbox.js';
import { TableLoader } from './table-loader.js';
import { WarehouseMetrics } from './warehouse-metrics.js';

/**
 * Owns the warehouse: the outbox that stages write to, the loader that drains it, the schema and its
 * migrations, and one folder per warehouse behind the port. Must not know vendors or stages.
 * The order of start and stop is stated here: open, load; then (workers have stopped) flush, close.
 */
@Global()
@Module({
  providers: [
    RedisOutbox,
    TableLoader,
    WarehouseMetrics,
    { provide: Outbox, useExisting: RedisOutbox },
    {
      provide: Warehouse,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        new DuckDbWarehouse(config.DUCKDB_PATH ?? join(config.DATA_DIR, 'warehouse.duckdb')),
    },
  ],
  exports: [Outbox],
})
export class WarehouseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    private readonly loader: TableLoader,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.warehouse.open();
    this.loader.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loader.stop();
    await this.warehouse.close();
  }
}
