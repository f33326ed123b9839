import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { CrmTaskEraser } from './crm-task.eraser.js';
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
    const isWorker = ROLE !== 'api';
    const isWriting = isWorker && ZOHO_WRITE_BACK === 'on';
    return {
      module: CrmTasksModule,
      providers: [
        CrmTaskQueue,
        ...(isWorker ? [CrmTaskEraser] : []),
        ...(isWriting ? [CrmTaskProcessor, CrmTaskRunner] : []),
      ],
      exports: [CrmTaskQueue],
    };
  }
}
