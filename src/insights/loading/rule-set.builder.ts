import type { Stance } from '../../contracts/insight.js';
import type { Competitor } from '../rules/competitor.js';
import { CompetitorNames } from '../rules/competitor-names.js';
import { DEFAULT_CAPS, type ModelCaps } from '../rules/model-finding.js';
import { STEP_CONDITIONS } from '../rules/next-steps.rule.js';
import type {
  ActionCue,
  ChurnCue,
  NextStepTemplate,
  RuleSet,
  SentenceCue,
  StanceCue,
  Thresholds,
} from '../rules/rule-set.js';
import { Vocabulary } from '../rules/vocabulary.js';
import { type Cue, CueIndex } from '../text/cue-index.js';
import { LinearModel } from '../text/linear-model.js';
import type { ModelWeights } from '../text/model-weights.js';
import type { Pattern } from '../text/pattern.js';
import { compilePattern, PatternError, type WordLists } from '../text/pattern-compiler.js';
import { PhraseModel } from '../text/phrase-model.js';
import { SentimentScorer } from '../text/sentiment.js';
import { sentencesOf } from '../text/tokens.js';
import { crmRule, noteRules } from './crm-rules.builder.js';
import type { RuleProblem, YamlNode } from './yaml-node.js';

const SECTIONS = [
  'ours',
  'modules',
  'competitors',
  'lists',
  'naming',
  'stances',
  'churn',
  'upsell',
  'actions',
  'context',
  'titles',
  'trackers',
  'trackerScores',
  'sentiment',
  'thresholds',
  'nextSteps',
  'crm',
  'notes',
  'llm',
] as const;
/** Sections that came later: rules of one's own that lack them go on as before. */
const OPTIONAL: readonly Section[] = ['crm', 'notes', 'llm'];
type Section = (typeof SECTIONS)[number];

const STANCES: readonly Stance[] = ['mention', 'evaluating', 'using', 'rejected', 'past', 'integration'];
const TRACKED = ['competitor', 'churn_risk', 'upsell'] as const;
const CUE_KEYS = ['id', 'weight', 'patterns', 'unless'];

/** The names the rules ask for; a misspelled one in a file would silently do nothing. */
const REPLY_IDS = ['reply.yes', 'reply.accept', 'reply.no'];
const SETTING_IDS = ['about.us', 'about.transaction', 'title.prospect'];
const PROSPECT_ID = 'about.prospect';
const CONTEXT_IDS = [
  ...REPLY_IDS,
  ...SETTING_IDS,
  PROSPECT_ID,
  'churn.void',
  'mood.past',
  'mood.threat',
  'mood.imagined',
  'mood.reported',
  'about.customer',
  'upsell.void',
  'upsell.deferred',
  'action.tentative',
  'action.incall',
  'action.declined',
  'action.joke',
];

interface Extras {
  readonly hash: string;
  readonly lexicon: ReadonlyMap<string, number>;
  readonly askWeights: ModelWeights | null;
  readonly churnWeights: ModelWeights | null;
}

/** Checks the parsed files and compiles them into one set; every problem is added to `problems`. */
export function buildRuleSet(
  documents: readonly YamlNode[],
  extras: Extras,
  problems: RuleProblem[],
): RuleSet {
  const { askWeights, churnWeights } = extras;
  const sections = new Sections(documents, problems);
  const lists = listsOf(sections);
  const reader = new CueReader(lists);
  const ours = new Set(sections.items('ours').map((node) => node.text().toLowerCase()));
  const modules = new Set(sections.items('modules').map((node) => node.text().toLowerCase()));
  const competitors = sections.items('competitors').map((node) => reader.competitor(node));
  const names = new CompetitorNames(competitors);
  const sentiment = sentimentOf(sections, extras.lexicon);
  return {
    hash: extras.hash,
    ours,
    modules,
    competitors,
    names,
    naming: new CueIndex(sections.items('naming').map((node) => reader.cue(node))),
    stances: new CueIndex(sections.items('stances').map((node) => reader.stance(node))),
    ...sentenceCues(sections, reader),
    titles: sections.items('titles').map((node) => reader.title(node)),
    trackers: trackersOf(sections),
    trackerScores: numbersOf(sections, 'trackerScores', ['single', 'repeated', 'smart']),
    ...sentiment,
    vocabulary: new Vocabulary(names, new Set([...ours, ...modules]), (word) =>
      sentiment.sentiment.has(word),
    ),
    askModel: askWeights === null ? null : new LinearModel(askWeights),
    churnModel: churnWeights === null ? null : new PhraseModel(churnWeights),
    thresholds: thresholdsOf(sections),
    nextSteps: sections.items('nextSteps').map(nextStep),
    crm: sections.items('crm').map(crmRule),
    notes: noteRules(sections.maps('notes', ['trust', 'ownVoice', 'newWithinDays'])),
    modelCaps: modelCaps(sections.maps('llm', ['maxRaise', 'maxAdded', 'minScore', 'maxWords'])),
  };
}

/** The sections of all files together, as if they were one. */
class Sections {
  private readonly nodes = new Map<string, YamlNode[]>();

  constructor(
    documents: readonly YamlNode[],
    private readonly problems: RuleProblem[],
  ) {
    for (const document of documents) {
      for (const [name, node] of document.entries(SECTIONS)) {
        this.nodes.set(name, [...(this.nodes.get(name) ?? []), node]);
      }
    }
  }

  items(section: Section): YamlNode[] {
    return this.all(section).flatMap((node) => node.items());
  }

  maps(section: Section, known?: readonly string[]): Map<string, YamlNode> {
    return new Map(this.all(section).flatMap((node) => [...node.entries(known)]));
  }

  private all(section: Section): readonly YamlNode[] {
    const nodes = this.nodes.get(section) ?? [];
    if (nodes.length === 0 && !OPTIONAL.includes(section)) {
      this.problems.push({ file: '*.yaml', line: 1, message: `no file has the section "${section}"` });
    }
    return nodes;
  }
}

function listsOf(sections: Sections): WordLists {
  const lists = new Map<string, readonly string[]>();
  for (const [name, node] of sections.maps('lists')) lists.set(name, node.texts());
  lists.set('ours', ['_ours']);
  lists.set('module', ['_module']);
  return lists;
}

/** A name as the sentences have it: in lower case, word by word. */
function wordsOf(name: string): string[] {
  return sentencesOf(name).flatMap(({ words }) => [...words]);
}

class CueReader {
  constructor(private readonly lists: WordLists) {}

  competitor(node: YamlNode): Competitor {
    const fields = node.entries(['id', 'name', 'aliases', 'ambiguous', 'when', 'notWhen']);
    const id = required(node, fields, 'id').text();
    const aliases = required(node, fields, 'aliases').texts();
    return {
      id,
      name: fields.get('name')?.text() ?? aliases[0] ?? id,
      aliases: aliases.map(wordsOf).filter((words) => words.length > 0),
      isAmbiguous: fields.get('ambiguous')?.flag() ?? false,
      when: this.patterns(fields.get('when')),
      notWhen: this.patterns(fields.get('notWhen')),
    };
  }

  cue(node: YamlNode): Cue {
    return this.cueOf(node, node.entries(CUE_KEYS), true);
  }

  context(node: YamlNode): Cue {
    const cue = this.cueOf(node, node.entries(['id', 'patterns', 'unless']), false);
    if (!CONTEXT_IDS.includes(cue.id)) node.problem(`"${cue.id}" is not one of ${CONTEXT_IDS.join(', ')}`);
    return cue;
  }

  stance(node: YamlNode): StanceCue {
    const fields = node.entries([...CUE_KEYS, 'stance']);
    const stance = required(node, fields, 'stance').oneOf(STANCES);
    return { ...this.cueOf(node, fields, true), stance };
  }

  churn(node: YamlNode): ChurnCue {
    const fields = node.entries([...CUE_KEYS, 'explicit', 'bare', 'anywhere', 'complaint']);
    return {
      ...this.cueOf(node, fields, true),
      isExplicit: fields.get('explicit')?.flag() ?? false,
      isBare: fields.get('bare')?.flag() ?? false,
      isAnywhere: fields.get('anywhere')?.flag() ?? false,
      isComplaint: fields.get('complaint')?.flag() ?? false,
    };
  }

  action(node: YamlNode): ActionCue {
    const fields = node.entries([...CUE_KEYS, 'owner', 'request', 'needsDue']);
    return {
      ...this.cueOf(node, fields, true),
      owner: fields.get('owner')?.oneOf(['speaker', 'addressee'] as const) ?? 'speaker',
      isRequest: fields.get('request')?.flag() ?? false,
      needsDue: fields.get('needsDue')?.flag() ?? false,
    };
  }

  title(node: YamlNode): RuleSet['titles'][number] {
    const fields = node.entries([...CUE_KEYS, 'kind']);
    const kind = required(node, fields, 'kind').oneOf(TRACKED);
    return { kind, cues: new CueIndex([this.cueOf(node, fields, true)]) };
  }

  private cueOf(node: YamlNode, fields: ReadonlyMap<string, YamlNode>, isWeighted: boolean): Cue {
    return {
      id: required(node, fields, 'id').text(),
      weight: isWeighted ? required(node, fields, 'weight').number(0, 1) : 1,
      patterns: this.patterns(required(node, fields, 'patterns')),
      unless: this.patterns(fields.get('unless')),
    };
  }

  private patterns(node: YamlNode | undefined): Pattern[] {
    return (node?.items() ?? []).flatMap((item) => {
      try {
        return [compilePattern(item.text(), this.lists)];
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        item.problem(`the pattern ${error.message}`);
        return [];
      }
    });
  }
}

/** The field; where it is missing that is said once, and what is read from it instead is not used. */
function required(node: YamlNode, fields: ReadonlyMap<string, YamlNode>, name: string): YamlNode {
  const field = fields.get(name);
  if (field !== undefined) return field;
  node.problem(`"${name}" is missing`);
  return node.absent();
}

function sentenceCues(
  sections: Sections,
  reader: CueReader,
): Pick<RuleSet, 'sentence' | 'context' | 'replies' | 'setting' | 'prospect'> {
  const context = sections.items('context').map((node) => reader.context(node));
  const apart = [...REPLY_IDS, ...SETTING_IDS, PROSPECT_ID];
  const isOther = ({ id }: Cue) => !apart.includes(id);
  const cues: SentenceCue[] = [
    ...sections.items('churn').map((node) => ({ ...reader.churn(node), kind: 'churn' as const })),
    ...sections.items('upsell').map((node) => ({ ...reader.cue(node), kind: 'upsell' as const })),
    ...sections.items('actions').map((node) => ({ ...reader.action(node), kind: 'action' as const })),
  ];
  return {
    sentence: new CueIndex(cues),
    context: new CueIndex(context.filter(isOther)),
    replies: new CueIndex(context.filter(({ id }) => REPLY_IDS.includes(id))),
    setting: new CueIndex(context.filter(({ id }) => SETTING_IDS.includes(id))),
    prospect: new CueIndex(context.filter(({ id }) => id === PROSPECT_ID)),
  };
}

function trackersOf(sections: Sections): RuleSet['trackers'] {
  return [...sections.maps('trackers', TRACKED)].flatMap(([name, node]) => {
    const kind = TRACKED.find((tracked) => tracked === name);
    return kind === undefined ? [] : [{ kind, words: node.texts().map((text) => text.toLowerCase()) }];
  });
}

function numbersOf<K extends string>(
  sections: Sections,
  section: Section,
  keys: readonly K[],
  max = 1,
): Record<K, number> {
  const fields = sections.maps(section, keys);
  const [first] = fields.values();
  const entries = keys.map((key) => {
    const field = fields.get(key);
    if (field === undefined) first?.problem(`"${key}" is missing beside it`);
    return [key, field?.number(-1, max) ?? 0] as const;
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

function thresholdsOf(sections: Sections): Thresholds {
  const keys = [
    'urgentChurn',
    'highChurn',
    'action',
    'highActions',
    'shortCallSeconds',
    'upsell',
    'competitor',
    'ask',
  ] as const;
  return numbersOf(sections, 'thresholds', keys, 86_400);
}

function sentimentOf(
  sections: Sections,
  lexicon: ReadonlyMap<string, number>,
): Pick<RuleSet, 'sentiment' | 'sentimentLimits'> {
  const fields = sections.maps('sentiment', ['words', 'raises', 'lowers', 'limits']);
  const limits = fields.get('limits')?.entries(['negative', 'positive']);
  const limit = (name: 'negative' | 'positive') => limits?.get(name)?.number(-1, 1) ?? 0;
  const words = [...(fields.get('words')?.entries() ?? [])];
  const own = words.map(([word, node]) => [word.toLowerCase(), node.number(-4, 4)] as const);
  const listed = (name: 'raises' | 'lowers') => new Set(fields.get(name)?.texts());
  return {
    sentiment: new SentimentScorer(new Map([...lexicon, ...own]), listed('raises'), listed('lowers')),
    sentimentLimits: { negative: limit('negative'), positive: limit('positive') },
  };
}

function modelCaps(fields: ReadonlyMap<string, YamlNode>): ModelCaps {
  const given = (name: keyof ModelCaps, max: number) =>
    fields.get(name)?.number(0, max) ?? DEFAULT_CAPS[name];
  return {
    maxRaise: given('maxRaise', 1),
    maxAdded: given('maxAdded', 1),
    minScore: given('minScore', 1),
    maxWords: given('maxWords', 1_000_000),
  };
}

function nextStep(node: YamlNode): NextStepTemplate {
  const fields = node.entries(['when', 'text', 'dueInBusinessDays']);
  return {
    when: required(node, fields, 'when').oneOf(STEP_CONDITIONS),
    text: required(node, fields, 'text').text(),
    dueInBusinessDays: fields.get('dueInBusinessDays')?.number(0, 365) ?? null,
  };
}
