import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { CrmTaskProcessor } from './crm-task.processor.js';
import { CrmTaskQueue } from './crm-task.queue.js';
import { CrmTaskRunner } from './crm-task.runner.js';

/**
 * Owns the tasks that are written into the CRM: their queue, their history, their messages. It speaks to the CRM
 * through a port, which promises that each is written once. Nobody takes tasks off the queue with ROLE=api, nor
 * unless ZOHO_WRITE_BACK is `on`: what was queued before waits there.
 */
@Global()
@Module({})
export class CrmTasksModule {
  static with({ ROLE, ZOHO_WRITE_BACK }: AppConfig): DynamicModule {
    const isWriting = ROLE !== 'api' && ZOHO_WRITE_BACK === 'on';
    return {
      module: CrmTasksModule,
      providers: [CrmTaskQueue, ...(isWriting ? [CrmTaskProcessor, CrmTaskRunner] : [])],
      exports: [CrmTaskQueue],
    };
  }
}
