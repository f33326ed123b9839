import type { Conversation, TrackerHit } from '../../contracts/conversation.js';
import type { Evidence } from '../../contracts/insight.js';
import type { Finding } from './finding.js';
import { RULE_SET } from './rule-set.js';

type TrackedKind = keyof typeof RULE_SET.trackers;

/**
 * Insights from the vendor's own trackers. The webhook says which phrase was heard, not by whom nor when,
 * so side and times stay unknown.
 */
export function trackerFindings(conversation: Conversation): Finding[] {
  return conversation.trackers.flatMap((tracker) => {
    const kind = trackedKind(tracker.name);
    if (kind === undefined) return [];
    if (kind === 'competitor') return competitorFindings(tracker);
    const texts =
      tracker.phrases.length > 0 ? tracker.phrases : [{ text: tracker.name, field: tracker.field }];
    const evidence = texts.map(({ text, field }) => quoted(text, field));
    return [
      {
        kind,
        rule: `tracker.${kind}`,
        source: 'gong',
        score: trackerScore(tracker, tracker.count),
        evidence,
      },
    ];
  });
}

/** One finding for each competitor that was named; without phrases the tracker's name is all we know. */
function competitorFindings(tracker: TrackerHit): Finding[] {
  const base = { kind: 'competitor', rule: 'tracker.competitor', source: 'gong', stance: 'mention' } as const;
  if (tracker.phrases.length === 0) {
    return [
      {
        ...base,
        score: trackerScore(tracker, tracker.count),
        evidence: [quoted(tracker.name, tracker.field)],
      },
    ];
  }
  return tracker.phrases.map(({ text, count, field }) => ({
    ...base,
    subject: text,
    score: trackerScore(tracker, count),
    evidence: [quoted(text, field)],
  }));
}

function trackedKind(name: string): TrackedKind | undefined {
  const lowered = name.toLowerCase();
  const kinds = Object.keys(RULE_SET.trackers) as TrackedKind[];
  return kinds.find((kind) => RULE_SET.trackers[kind].some((fragment) => lowered.includes(fragment)));
}

function trackerScore(tracker: TrackerHit, count: number): number {
  if (tracker.type === 'SMART') return RULE_SET.scores.smartHit;
  return count > 1 ? RULE_SET.scores.repeatedHit : RULE_SET.scores.singleHit;
}

function quoted(quote: string, field: string): Evidence {
  return { quote, speaker: null, side: 'unknown', startMs: null, endMs: null, field };
}
