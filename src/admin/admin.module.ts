import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { AuditLog } from './audit-log.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { GongVerifyController } from './gong-verify.controller.js';
import { QueuesController } from './queues.controller.js';
import { ReconciliationsController } from './reconciliations.controller.js';
import { ZohoChannelsController } from './zoho-channels.controller.js';

/**
 * Owns the operator's routes under /admin and the audit log of what operators change. It speaks to everything
 * else through ports, and must not know who keeps what it shows.
 */
@Module({
  controllers: [
    AuditController,
    DeadLettersController,
    GongVerifyController,
    QueuesController,
    ReconciliationsController,
    ZohoChannelsController,
  ],
  providers: [AuditInterceptor, AuditLog],
})
export class AdminModule {}
