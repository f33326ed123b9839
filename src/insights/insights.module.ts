import { Global, Module } from '@nestjs/common';
import { InsightEngine } from '../contracts/ports/insight-engine.port.js';
import { RulesControl } from '../contracts/ports/rules-control.port.js';
import { InsightRules } from './insight-rules.js';
import { InsightRulesReloader } from './insight-rules.reloader.js';
import { RulesEngine } from './rules.engine.js';

/**
 * Owns the insight engine and its rules. rules/ and text/ are pure functions over contracts: no Nest, no I/O,
 * no clock; loading/ reads the rule files; cli/ runs the same engine over files. Must not know vendors, rows
 * or channels.
 */
@Global()
@Module({
  providers: [
    InsightRules,
    { provide: InsightEngine, useClass: RulesEngine },
    { provide: RulesControl, useClass: InsightRulesReloader },
  ],
  exports: [InsightEngine, InsightRules, RulesControl],
})
export class InsightsModule {}
