/**
 * The first rules: what Gong's own trackers, the title, the duration and the people say. They name their
 * ids in every insight; the version is part of the ruleset hash.
 */
export const RULE_SET = {
  version: 'signals-1',
  /** Tracker names are the customer's own words; these fragments, in lower case, say what they track. */
  trackers: {
    competitor: ['competitor', 'competition', 'competing'],
    churn_risk: ['churn', 'cancel', 'renewal risk', 'attrition'],
    upsell: ['upsell', 'expansion', 'cross-sell', 'upgrade'],
  },
  titles: {
    churn_risk: ['cancellation', 'termination', 'cancel contract', 'churn', 'offboarding'],
    upsell: ['expansion', 'upgrade', 'additional seats'],
  },
  scores: {
    /** "Single hits are noise": one hit of a keyword tracker is not yet worth a look (< 0.3), two are. */
    singleHit: 0.25,
    repeatedHit: 0.5,
    /** Gong's smart trackers judge meaning, not words. */
    smartHit: 0.5,
    title: 0.6,
  },
  priority: {
    urgentChurn: 0.6,
    highChurn: 0.3,
    shortCallSeconds: 300,
  },
} as const;
