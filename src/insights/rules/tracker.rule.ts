import type { Conversation, TrackerHit } from '../../contracts/conversation.js';
import type { Evidence, InsightKind } from '../../contracts/insight.js';
import type { Finding } from './finding.js';
import type { RuleSet } from './rule-set.js';

/**
 * Insights from the vendor's own trackers, which hear words and not meaning. The webhook says which phrase
 * was heard, not by whom nor when, so side and times stay unknown.
 */
export function trackerFindings({ trackers }: Conversation, rules: RuleSet): Finding[] {
  return trackers.flatMap((tracker) => {
    const kind = trackedKind(tracker.name, rules);
    if (kind === undefined) return [];
    if (kind === 'competitor') return competitorFindings(tracker, rules);
    const texts =
      tracker.phrases.length > 0 ? tracker.phrases : [{ text: tracker.name, field: tracker.field }];
    return [
      {
        kind,
        rules: [`tracker.${kind}`],
        source: 'gong' as const,
        score: trackerScore(tracker, tracker.count, rules),
        evidence: texts.map(({ text, field }) => quoted(text, field)),
      },
    ];
  });
}

/** One finding for each competitor that was named; without phrases the tracker's name is all we know. */
function competitorFindings(tracker: TrackerHit, rules: RuleSet): Finding[] {
  const base = {
    kind: 'competitor',
    rules: ['tracker.competitor'],
    source: 'gong',
    stance: 'mention',
  } as const;
  if (tracker.phrases.length === 0) {
    const evidence = [quoted(tracker.name, tracker.field)];
    return [{ ...base, score: trackerScore(tracker, tracker.count, rules), evidence }];
  }
  return tracker.phrases.map(({ text, count, field }) => ({
    ...base,
    subject: competitorId(text, rules) ?? text,
    score: trackerScore(tracker, count, rules),
    evidence: [quoted(text, field)],
  }));
}

/** The id of a phrase that is one of the configured names. */
function competitorId(text: string, { competitors }: RuleSet): string | undefined {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? []).join(' ');
  return competitors.find(({ aliases }) => aliases.some((alias) => alias.join(' ') === words))?.id;
}

function trackedKind(name: string, { trackers }: RuleSet): InsightKind | undefined {
  const lowered = name.toLowerCase();
  return trackers.find(({ words }) => words.some((word) => lowered.includes(word)))?.kind;
}

/** "Single hits are noise": one hit of a keyword tracker is not yet worth a look; a smart one judges meaning. */
function trackerScore(tracker: TrackerHit, count: number, { trackerScores }: RuleSet): number {
  if (tracker.type === 'SMART') return trackerScores.smart;
  return count > 1 ? trackerScores.repeated : trackerScores.single;
}

function quoted(quote: string, field: string): Evidence {
  return { quote, speaker: null, side: 'unknown', startMs: null, endMs: null, field };
}
