import { INSIGHT_KINDS, PRIORITIES } from '../contracts/insight.js';
import { NOTIFICATION_TYPES } from '../contracts/notification.js';
import { VENDORS } from '../contracts/vendor.js';

const text = (description: string) => ({ type: 'string', description }) as const;
const nullableText = (description: string) => ({ type: ['string', 'null'], description }) as const;
const nullableTime = (description: string) =>
  ({ type: ['string', 'null'], format: 'date-time', description }) as const;
const listOf = (name: string, description: string) =>
  ({ type: 'array', items: { $ref: `#/$defs/${name}` }, description }) as const;

const EVIDENCE = {
  type: 'object',
  required: ['quote', 'speaker', 'side', 'startMs', 'endMs', 'field'],
  properties: {
    quote: text('An exact substring of the source.'),
    speaker: nullableText('Who said or wrote it; null where the vendor cannot tell.'),
    side: { enum: ['internal', 'external', 'unknown'] },
    startMs: { type: ['number', 'null'], description: 'Milliseconds from the start of the recording.' },
    endMs: { type: ['number', 'null'] },
    field: text('Where the quote stands in its source.'),
    turn: { type: 'integer', minimum: 0, description: 'Number of the turn it was said in.' },
  },
} as const;

const INSIGHT = {
  type: 'object',
  required: ['id', 'kind', 'score', 'ruleset', 'rules', 'source', 'evidence'],
  properties: {
    id: text('The same conversation, rule and place give the same id.'),
    kind: { enum: INSIGHT_KINDS },
    subject: text('E.g. the competitor.'),
    label: text('E.g. positive, for a sentiment.'),
    side: { enum: ['internal', 'external', 'unknown'], description: 'For a sentiment: whose.' },
    score: { type: 'number', minimum: 0, maximum: 1, description: 'Strength of the sign; no probability.' },
    stance: { enum: ['mention', 'evaluating', 'using', 'rejected', 'past', 'integration'] },
    ruleset: text('Version of the rules that found it.'),
    rules: { type: 'array', items: { type: 'string' } },
    source: { enum: ['rules', 'gong', 'llm'] },
    evidence: { type: 'array', items: { $ref: '#/$defs/evidence' } },
    owner: text('Of an action item.'),
    due: { type: 'string', description: 'ISO 8601 date, of an action item.' },
  },
} as const;

const SUBJECT = {
  type: ['object', 'null'],
  required: ['type', 'id', 'title', 'url', 'account'],
  properties: {
    type: { enum: ['call', 'email', 'meeting', 'account'] },
    id: text("The vendor's id."),
    title: nullableText('Null where it is private, or has none.'),
    url: nullableText('Where a person can see it.'),
    account: {
      type: ['object', 'null'],
      required: ['id', 'name'],
      properties: { id: text("The vendor's id of the account."), name: nullableText('Its name.') },
    },
  },
} as const;

const NEXT_STEP = {
  type: 'object',
  required: ['text', 'insightIds'],
  properties: {
    text: text('What to do.'),
    insightIds: { type: 'array', items: { type: 'string' }, description: 'The insights it answers.' },
    due: text('ISO 8601 date.'),
  },
} as const;

const ERROR = {
  type: 'object',
  required: ['code', 'message', 'stage'],
  properties: {
    code: { type: 'string', pattern: '^[A-Z]+\\.[A-Z_]+$', description: 'Stable; never renamed.' },
    message: text('For people; never holds a payload or a secret.'),
    stage: text('Stage of the pipeline at which it failed.'),
  },
} as const;

const MESSAGE_FIELDS = {
  v: { const: 1, description: 'Grows when a field changes its meaning; fields may be added any time.' },
  id: {
    type: 'string',
    pattern: '^[0-9a-f]{32}$',
    description: 'The same on every channel that carries it.',
  },
  type: { enum: NOTIFICATION_TYPES },
  channel: text('Channel of its kind, also when it is heard on a priority channel.'),
  priority: { enum: PRIORITIES },
  vendor: { enum: VENDORS },
  eventId: text('The event that made it; EVENT_ID of the tables.'),
  correlationId: text('Of the request that brought the event; in logs and rows too.'),
  occurredAt: nullableTime("When it happened at the vendor's."),
  publishedAt: { type: 'string', format: 'date-time' },
  subject: { $ref: '#/$defs/subject' },
  summary: text('One line for people.'),
  insights: listOf('insight', 'All that was found; of an insight message, the one.'),
  actions: listOf('insight', 'The action items among the insights.'),
  nextSteps: listOf('nextStep', 'What to do next; of an error, what mends it.'),
  error: { $ref: '#/$defs/error' },
  supersedes: {
    type: 'string',
    pattern: '^[0-9a-f]{32}$',
    description: 'Id of the earlier message about the same object, which this one replaces.',
  },
} as const;

/** The messages as JSON Schema, draft 2020-12; tests validate with it what is really published. */
export const MESSAGE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://tributary.invalid/schemas/message-v1.json',
  title: 'Tributary message, version 1',
  description: 'Published on Redis channels, appended to their streams, and sent as server-sent events.',
  type: 'object',
  required: Object.keys(MESSAGE_FIELDS).filter((name) => name !== 'error' && name !== 'supersedes'),
  properties: MESSAGE_FIELDS,
  if: { properties: { type: { const: 'error' } } },
  then: { required: ['error'], properties: { error: { $ref: '#/$defs/error' } } },
  else: { properties: { error: false } },
  $defs: {
    subject: SUBJECT,
    insight: INSIGHT,
    evidence: EVIDENCE,
    nextStep: NEXT_STEP,
    error: ERROR,
  },
} as const;
