import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from './config/app-config.js';
import { AccessModule } from './access/access.module.js';
import { AdminModule } from './admin/admin.module.js';
import { ConfigModule } from './config/config.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { ErasureModule } from './erasure/erasure.module.js';
import { GongModule } from './gong/gong.module.js';
import { HealthModule } from './health/health.module.js';
import { InsightsModule } from './insights/insights.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { MemoryModule } from './memory/memory.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { AccountSyncModule } from './pipeline/account-sync.module.js';
import { CrmTasksModule } from './pipeline/crm-tasks.module.js';
import { PipelineModule } from './pipeline/pipeline.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { ReplaysModule } from './pipeline/replays.module.js';
import type { RedisConnections } from './redis/redis-connections.js';
import { QueuesModule } from './redis/queues.module.js';
import { RedisModule } from './redis/redis.module.js';
import { VendorsModule } from './vendors/vendors.module.js';
import { WarehouseModule } from './warehouse/warehouse.module.js';
import { ZohoModule } from './zoho/zoho.module.js';

/** The only file that knows every module: here ports meet their implementations. */
@Module({})
export class AppModule {
  static with(config: AppConfig, connections: RedisConnections): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(config.LOG_LEVEL),
        MetricsModule,
        RedisModule.with(connections),
        QueuesModule,
        VendorsModule,
        AccessModule,
        // Operators ask the processes that answer requests; a worker answers its probes.
        ...(config.ROLE === 'worker' ? [] : [AdminModule]),
        GongModule,
        ZohoModule,
        InsightsModule,
        WarehouseModule,
        MemoryModule.with(config),
        NotificationsModule.with(config),
        IntakeModule.for(config.ROLE),
        PipelineModule.with(config),
        AccountSyncModule.with(config),
        CrmTasksModule.with(config),
        ReconciliationModule.with(config),
        ReplaysModule.with(config),
        DeadLettersModule,
        ErasureModule.with(config),
        HealthModule,
        OpenApiModule,
      ],
    };
  }
}
