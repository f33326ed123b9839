import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { loadRules } from './loading/rule-files.js';
import type { RuleSet } from './rules/rule-set.js';

/**
 * The rules in use. They are read once before the service takes work; {@link reload} reads the edited files
 * and changes to them only if every one is good, so that there is never half a set.
 */
@Injectable()
export class InsightRules {
  private rules: RuleSet | undefined;
  private hash: string;

  constructor(private readonly config: AppConfig) {
    this.hash = this.load();
  }

  get current(): RuleSet {
    return (this.rules ??= loadRules(this.folder));
  }

  /**
   * @returns the hashes before and after; equal when nothing was edited
   * @throws AppError INSIGHTS.RULES_INVALID with file and line of every problem; the old rules stay in use
   */
  reload(): { readonly before: string; readonly after: string } {
    const before = this.hash;
    this.hash = this.load();
    return { before, after: this.hash };
  }

  /** A process that analyses nothing (`api`) checks the rules, and does not keep their 13 MB. */
  private load(): string {
    const rules = loadRules(this.folder);
    this.rules = this.config.ROLE === 'api' ? undefined : rules;
    return rules.hash;
  }

  /** Relative to where the service was started; the shipped rules are found from anywhere. */
  private get folder(): string {
    const { INSIGHT_RULES_DIR } = this.config;
    return existsSync(INSIGHT_RULES_DIR) ? INSIGHT_RULES_DIR : resolve(__dirname, '../..', INSIGHT_RULES_DIR);
  }
}
