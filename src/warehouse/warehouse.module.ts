import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { AccountReader } from '../contracts/ports/account-reader.port.js';
import { ArrivingRowsReader } from '../contracts/ports/arriving-rows.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { RefusedRows } from '../contracts/ports/refused-rows.port.js';
import { Warehouse } from '../contracts/ports/warehouse.port.js';
import { WarehouseReader } from '../contracts/ports/warehouse-reader.port.js';
import { createWarehouse } from './create-warehouse.js';
import { PurgeSchedule } from './purge-schedule.js';
import { RedisArrivingRows } from './redis-arriving-rows.js';
import { RedisOutbox } from './redis-outbox.js';
import { RedisRefusedRows } from './redis-refused-rows.js';
import { SqlAccountReader } from './sql-account-reader.js';
import { SqlWarehouse } from './sql-warehouse.js';
import { SqlWarehouseReader } from './sql-warehouse-reader.js';
import { TableLeases } from './table-leases.js';
import { TableLoader } from './table-loader.js';
import { WarehouseKeeper } from './warehouse-keeper.js';
import { WarehouseMetrics } from './warehouse-metrics.js';

/**
 * Owns the warehouse: the outbox that stages write to, the loader that drains it, the rows it refused, the
 * schema and its migrations, reading and upkeep, and one folder per warehouse behind the port. Must not know
 * vendors or stages.
 * The order of start and stop is stated here: open, load; then (workers have stopped) flush, close.
 */
@Global()
@Module({
  providers: [
    RedisOutbox,
    RedisRefusedRows,
    TableLeases,
    TableLoader,
    WarehouseKeeper,
    PurgeSchedule,
    WarehouseMetrics,
    { provide: ArrivingRowsReader, useClass: RedisArrivingRows },
    { provide: Outbox, useExisting: RedisOutbox },
    { provide: RefusedRows, useExisting: RedisRefusedRows },
    { provide: Warehouse, useExisting: SqlWarehouse },
    {
      provide: SqlWarehouse,
      inject: [AppConfig, PinoLogger],
      useFactory: (config: AppConfig, logger: PinoLogger) => createWarehouse(config, logger),
    },
    {
      provide: WarehouseReader,
      inject: [SqlWarehouse],
      useFactory: (warehouse: SqlWarehouse) => new SqlWarehouseReader(warehouse.reading),
    },
    {
      provide: AccountReader,
      inject: [SqlWarehouse],
      useFactory: (warehouse: SqlWarehouse) => new SqlAccountReader(warehouse.reading),
    },
  ],
  exports: [AccountReader, ArrivingRowsReader, Outbox, RefusedRows, Warehouse, WarehouseReader],
})
export class WarehouseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly config: AppConfig,
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    private readonly loader: TableLoader,
    private readonly purges: PurgeSchedule,
  ) {}

  async onModuleInit(): Promise<void> {
    // The front door writes nothing: it starts without the warehouse, and logs in when an operator first reads.
    if (this.config.ROLE === 'api') return;
    await this.warehouse.open();
    this.loader.start();
    this.purges.start();
  }

  /** A warehouse that hangs is not waited for: what it did not take waits in the outbox. */
  async onApplicationShutdown(): Promise<void> {
    const stopping = Promise.all([this.loader.stop(), this.purges.stop()]);
    const patience = new Promise((resolve) => {
      setTimeout(resolve, this.config.SHUTDOWN_TIMEOUT_SECONDS * 500).unref();
    });
    await Promise.race([stopping, patience]);
    await this.warehouse.close();
    await stopping;
  }
}
