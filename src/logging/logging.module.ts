import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { loggerParams } from './logger-options.js';

/**
 * Owns how the service logs: JSON lines, one event name per line (`webhook.accepted`), ids as fields.
 * There is no per-request middleware: the webhook routes write one line each from a hook
 * (intake/request-hooks.ts). Must not know any feature.
 */
@Module({})
export class LoggingModule {
  static with(level: string): DynamicModule {
    return {
      module: LoggingModule,
      imports: [LoggerModule.forRoot(loggerParams(level))],
      exports: [LoggerModule],
    };
  }
}
