import { Global, Module } from '@nestjs/common';
import { InsightEngine } from '../contracts/ports/insight-engine.port.js';
import { SignalsEngine } from './signals.engine.js';

/**
 * Owns the insight engine and its rules. rules/ are pure functions over contracts: no Nest, no I/O, no
 * clock. Must not know vendors, rows or channels.
 */
@Global()
@Module({ providers: [{ provide: InsightEngine, useClass: SignalsEngine }], exports: [InsightEngine] })
export class InsightsModule {}
