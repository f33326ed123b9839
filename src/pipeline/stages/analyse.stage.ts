import { Inject, Injectable } from '@nestjs/common';
import { InsightEngine } from '../../contracts/ports/insight-engine.port.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';

/** Finds insights, priority and next steps. Withheld conversations are not analysed. */
@Injectable()
export class AnalyseStage implements Stage {
  readonly name = 'analyse';

  constructor(@Inject(InsightEngine) private readonly engine: InsightEngine) {}

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    if (record.isWithheld) {
      const details = { reason: 'private calls are not analysed (GONG_INCLUDE_PRIVATE_CALLS)' };
      return { status: 'skipped', work: { ...work, analysis: null }, details };
    }
    const analysis = await this.engine.analyse(record.conversation);
    const details = {
      insights: analysis.insights.length,
      priority: analysis.priority,
      ruleset: analysis.ruleset,
    };
    return { status: 'completed', work: { ...work, analysis }, details };
  }
}
