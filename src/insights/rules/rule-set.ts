import type { InsightKind, Stance } from '../../contracts/insight.js';
import type { Cue, CueIndex } from '../text/cue-index.js';
import type { LinearModel } from '../text/linear-model.js';
import type { PhraseModel } from '../text/phrase-model.js';
import type { SentimentScorer } from '../text/sentiment.js';
import type { Competitor } from './competitor.js';
import type { CompetitorNames } from './competitor-names.js';
import type { CrmRule, NoteRules } from './crm-rule.js';
import type { ModelCaps } from './model-finding.js';
import type { Vocabulary } from './vocabulary.js';

/** A sign of churn: `explicit` says it, `support` only points to it. */
export interface ChurnCue extends Cue {
  readonly isExplicit: boolean;
  /** Names no object, which therefore may be a payment or an order of the same turn. */
  readonly isBare: boolean;
  /** Counts in full wherever it is said; others only near what is about us. */
  readonly isAnywhere: boolean;
  /** Says that somebody is unhappy with us: it counts against the sentiment. */
  readonly isComplaint: boolean;
}

export interface StanceCue extends Cue {
  readonly stance: Stance;
}

export interface ActionCue extends Cue {
  /** Who does it: the speaker, the one spoken to, or nobody in particular. */
  readonly owner: 'speaker' | 'addressee';
  readonly isRequest: boolean;
  /** Counts only with a due date. */
  readonly needsDue: boolean;
}

export type SentenceCue =
  | (ChurnCue & { readonly kind: 'churn' })
  | (Cue & { readonly kind: 'upsell' })
  | (ActionCue & { readonly kind: 'action' });

export type SentimentLabel = 'negative' | 'neutral' | 'positive';

export interface NextStepTemplate {
  readonly when: string;
  readonly text: string;
  /** Business days from the conversation; null: no date. */
  readonly dueInBusinessDays: number | null;
}

export interface Thresholds {
  readonly urgentChurn: number;
  readonly highChurn: number;
  readonly action: number;
  readonly highActions: number;
  readonly shortCallSeconds: number;
  readonly upsell: number;
  readonly competitor: number;
  readonly ask: number;
}

/** Everything the rules know, compiled from the rule files; see config/insights/README.md. */
export interface RuleSet {
  /** sha256 of the files it was made of. */
  readonly hash: string;
  readonly ours: ReadonlySet<string>;
  /** Names of what we sell, in lower case. */
  readonly modules: ReadonlySet<string>;
  readonly vocabulary: Vocabulary;
  readonly names: CompetitorNames;
  readonly competitors: readonly Competitor[];
  readonly naming: CueIndex;
  readonly stances: CueIndex<StanceCue>;
  /** What is looked for in every sentence, in one pass. */
  readonly sentence: CueIndex<SentenceCue>;
  /** Cues about a sentence in which something was found: negation, hypothesis, a customer's own customers, ... */
  readonly context: CueIndex;
  /** Cues about an answer: reply.yes, reply.accept, reply.no. */
  readonly replies: CueIndex;
  /** Cues about what a turn or a title is: about.us, about.transaction, title.prospect. */
  readonly setting: CueIndex;
  /** about.prospect: by itself, because it is looked for in every line. */
  readonly prospect: CueIndex;
  readonly trackers: readonly { readonly kind: InsightKind; readonly words: readonly string[] }[];
  readonly trackerScores: Readonly<Record<'single' | 'repeated' | 'smart', number>>;
  readonly titles: readonly { readonly kind: InsightKind; readonly cues: CueIndex }[];
  readonly sentiment: SentimentScorer;
  readonly sentimentLimits: Readonly<Record<'negative' | 'positive', number>>;
  readonly askModel: LinearModel | null;
  readonly churnModel: PhraseModel | null;
  readonly thresholds: Thresholds;
  readonly nextSteps: readonly NextStepTemplate[];
  /** Signs in the fields of the CRM. */
  readonly crm: readonly CrmRule[];
  readonly notes: NoteRules;
  readonly modelCaps: ModelCaps;
}
