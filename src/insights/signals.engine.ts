import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Conversation } from '../contracts/conversation.js';
import type { Analysis, Insight } from '../contracts/insight.js';
import type { InsightEngine } from '../contracts/ports/insight-engine.port.js';
import type { Finding } from './rules/finding.js';
import { nextSteps } from './rules/next-steps.rule.js';
import { prioritise } from './rules/priority.rule.js';
import { RULE_SET } from './rules/rule-set.js';
import { titleFindings } from './rules/title.rule.js';
import { trackerFindings } from './rules/tracker.rule.js';

/** The engine of the first release: rules over what the webhook itself carries. */
@Injectable()
export class SignalsEngine implements InsightEngine {
  private readonly ruleset = sha256(JSON.stringify(RULE_SET)).slice(0, 16);

  analyse(conversation: Conversation): Analysis {
    const findings = [...trackerFindings(conversation), ...titleFindings(conversation)];
    const insights = findings.map((finding) => this.insight(conversation, finding));
    const { priority, reasons } = prioritise(conversation, insights);
    return {
      ruleset: this.ruleset,
      insights,
      priority,
      priorityReasons: reasons,
      nextSteps: nextSteps(insights),
    };
  }

  private insight(conversation: Conversation, finding: Finding): Insight {
    const { rule, ...rest } = finding;
    const place = finding.evidence.map(({ field, startMs, quote }) => [field, startMs, quote]);
    const id = sha256(
      JSON.stringify([conversation.kind, conversation.objectId, rule, finding.subject ?? null, place]),
    );
    return { id: id.slice(0, 40), ...rest, ruleset: this.ruleset, rules: [rule] };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
