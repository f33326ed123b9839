/** Words that an account manager uses for one thing. Data, not code: add words freely, one by one. */
export interface WordGroup {
  readonly name: string;
  /** Single words in lower case; other forms of them are found by their stem. */
  readonly words: readonly string[];
  /** The group that a negated word belongs to: `not happy` is unhappy. Without it a negated word has none. */
  readonly negated?: string;
}

export const WORD_GROUPS: readonly WordGroup[] = [
  {
    name: 'dissatisfied',
    words: [
      'unhappy',
      'frustrated',
      'frustration',
      'disappointed',
      'disappointment',
      'dissatisfied',
      'dissatisfaction',
      'unsatisfied',
      'displeased',
      'upset',
      'annoyed',
      'angry',
      'irritated',
      'unimpressed',
      'complained',
      'complaint',
      'complaining',
      'escalated',
      'escalation',
      'detractor',
    ],
  },
  {
    name: 'satisfied',
    words: [
      'happy',
      'happier',
      'satisfied',
      'satisfaction',
      'pleased',
      'delighted',
      'thrilled',
      'glad',
      'impressed',
      'enthusiastic',
      'promoter',
    ],
    negated: 'dissatisfied',
  },
  {
    name: 'leaving',
    words: ['churn', 'churned', 'cancel', 'cancellation', 'terminate', 'termination', 'leaving', 'offboard'],
  },
  { name: 'renewing', words: ['renew', 'renewal', 'extension', 'prolong'] },
  { name: 'growing', words: ['upsell', 'expansion', 'expand', 'upgrade', 'seats', 'growth', 'growing'] },
  {
    name: 'price',
    words: ['price', 'pricing', 'cost', 'costly', 'expensive', 'budget', 'discount', 'overpriced'],
  },
  { name: 'late', words: ['late', 'delay', 'delayed', 'overdue', 'slipped', 'postponed', 'stalled'] },
  {
    name: 'onboarding',
    words: ['onboarding', 'onboard', 'implementation', 'implement', 'rollout', 'kickoff', 'golive'],
  },
  { name: 'support', words: ['support', 'ticket', 'helpdesk'] },
  {
    name: 'broken',
    words: ['bug', 'buggy', 'broken', 'outage', 'crash', 'downtime', 'defect', 'unreliable'],
  },
  { name: 'competitor', words: ['competitor', 'competition', 'rival', 'alternative'] },
];

/** Words that turn the meaning of what follows. */
export const NEGATIONS: ReadonlySet<string> = new Set([
  ...['not', 'no', 'never', 'hardly', 'nobody', 'none', 'without', 'less'],
  ...['isnt', 'arent', 'wasnt', 'werent', 'dont', 'doesnt', 'didnt', 'cant', 'wont'],
]);

/** Words too common to say what a text is about. */
export const STOP_WORDS: ReadonlySet<string> = new Set([
  ...['a', 'an', 'the', 'and', 'or', 'but', 'if', 'of', 'to', 'in', 'on', 'at', 'by', 'for', 'with', 'from'],
  ...[
    'about',
    'as',
    'into',
    'over',
    'than',
    'then',
    'so',
    'such',
    'very',
    'just',
    'too',
    'also',
    'any',
    'all',
  ],
  ...['is', 'are', 'was', 'were', 'be', 'been', 'being', 'am', 'do', 'does', 'did', 'has', 'have', 'had'],
  ...['will', 'would', 'can', 'could', 'should', 'may', 'might', 'must', 'there', 'here', 'this', 'that'],
  ...['these', 'those', 'it', 'its', 'he', 'she', 'they', 'them', 'their', 'his', 'her', 'we', 'us', 'our'],
  ...['you', 'your', 'i', 'me', 'my', 'who', 'whom', 'whose', 'what', 'which', 'when', 'where', 'why', 'how'],
  ...[
    'account',
    'accounts',
    'customer',
    'customers',
    'company',
    'companies',
    'anyone',
    'anybody',
    'tell',
    'show',
  ],
  ...NEGATIONS,
]);
