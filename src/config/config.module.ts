import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AppConfig } from './app-config.js';

/**
 * Owns the configuration: one class, validated once by load-config.ts before Nest starts, frozen, injected
 * everywhere as AppConfig. Only this folder reads process.env (and the embedded Redis its PATH).
 * Must not know any feature.
 */
@Global()
@Module({})
export class ConfigModule {
  static with(config: AppConfig): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: AppConfig, useValue: config }],
      exports: [AppConfig],
    };
  }
}
