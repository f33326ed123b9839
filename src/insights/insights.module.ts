import { Global, Module } from '@nestjs/common';
import { InsightEngine } from '../contracts/ports/insight-engine.port.js';
import { InsightReviewer } from '../contracts/ports/insight-reviewer.port.js';
import { RulesControl } from '../contracts/ports/rules-control.port.js';
import { InsightRules } from './insight-rules.js';
import { InsightRulesReloader } from './insight-rules.reloader.js';
import { LlmAnswers } from './llm/llm-answers.js';
import { LlmBudget } from './llm/llm-budget.js';
import { LlmClient } from './llm/llm.client.js';
import { LlmEngine } from './llm/llm.engine.js';
import { DEFAULT_LLM_PATIENCE, LlmPatience } from './llm/llm-patience.js';
import { RulesEngine } from './rules.engine.js';

/**
 * Owns the insight engine and its rules. rules/ and text/ are pure functions over contracts: no Nest, no I/O,
 * no clock; loading/ reads the rule files; cli/ runs the same engine over files; llm/ asks a language model where
 * one is configured. Must not know vendors, rows
 * or channels.
 */
@Global()
@Module({
  providers: [
    InsightRules,
    { provide: InsightEngine, useClass: RulesEngine },
    LlmAnswers,
    LlmBudget,
    LlmClient,
    { provide: LlmPatience, useValue: DEFAULT_LLM_PATIENCE },
    { provide: InsightReviewer, useClass: LlmEngine },
    { provide: RulesControl, useClass: InsightRulesReloader },
  ],
  exports: [InsightEngine, InsightReviewer, InsightRules, RulesControl],
})
export class InsightsModule {}
