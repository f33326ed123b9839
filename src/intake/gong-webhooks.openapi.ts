import { apiDoc, type ContentDoc, type RouteDoc } from '../openapi/documented.decorator.js';
import { anything, flag, nullable, optional, ref, objectOf, type Schema, text } from '../openapi/schema.js';
import { WEBHOOK_ANSWER, WEBHOOK_ANSWERS, WEBHOOK_ERRORS } from './webhook-answer.openapi.js';

/** What the house reads of a body; the vendor sends more, and may send anything. */
const CALL: Schema = {
  type: 'object',
  description: "Gong's webhook of an automation rule. Further fields are kept.",
  required: ['callData'],
  properties: {
    callData: {
      type: 'object',
      required: ['metaData'],
      properties: {
        metaData: {
          type: 'object',
          required: ['id'],
          properties: {
            id: { type: ['string', 'integer'], description: 'Up to 20 digits, so that it is text.' },
            url: { type: ['string', 'null'] },
            title: { type: ['string', 'null'] },
            started: { type: ['string', 'null'], description: 'ISO 8601 with its zone.' },
            duration: { type: ['number', 'null'], description: 'Seconds.' },
            isPrivate: { type: ['boolean', 'null'] },
          },
        },
        parties: { type: ['array', 'null'], items: { type: 'object' } },
        content: { type: ['object', 'null'], description: 'Trackers, topics, and what else Gong has found.' },
      },
    },
    isTest: flag('A test delivery: answered `ignored`, and leaves no trace.'),
    isPrivate: flag('A private call: its row shows nothing of it, unless GONG_INCLUDE_PRIVATE_CALLS.'),
  },
};

interface RelayedEmailBody {
  readonly emailId: string;
  readonly threadId?: string | null;
  readonly subject?: string | null;
  readonly from?: string | null;
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly sentAt?: string | null;
  readonly direction?: string | null;
  readonly body?: string | null;
  readonly account?: object | null;
}

const addresses = optional({ type: ['array', 'string'], items: { type: 'string' } });

const EMAIL = objectOf<RelayedEmailBody>(
  {
    emailId: text("The relay's id, the same for the same e-mail.", { minLength: 1, maxLength: 256 }),
    threadId: optional(nullable(text('Of its thread.'))),
    subject: optional(nullable(text('Its subject.'))),
    from: optional(nullable(text('Address of the sender.'))),
    to: addresses,
    cc: addresses,
    sentAt: optional(nullable(text('ISO 8601 with its zone.'))),
    direction: optional(nullable(text('`inbound` or `outbound`: whose side wrote it.'))),
    body: optional(nullable(text('Plain text.'))),
    account: optional({
      type: ['object', 'null'],
      properties: { id: { type: 'string' }, name: { type: ['string', 'null'] } },
      description: 'The account of the CRM, where the relay knows it.',
    }),
  },
  { description: 'From a relay: Gong itself sends no e-mails.' },
);

const CALL_EXAMPLE = {
  callData: {
    metaData: {
      id: '7710000000000000123',
      url: 'https://us-40001.app.gong.io/call?id=7710000000000000123',
      title: 'Blue Harbor / Fabrikam - pilot review',
      started: '2026-03-04T15:01:07.204518+01:00',
      duration: 1420,
      isPrivate: false,
    },
    parties: [{ id: '1', name: 'Kim Ono', emailAddress: 'kim@fabrikam.example', affiliation: 'External' }],
    content: { trackers: [], topics: [] },
  },
  isTest: false,
  isPrivate: false,
};

const EMAIL_EXAMPLE = {
  emailId: 'relay-5f0c2d',
  threadId: 'thread-19',
  subject: 'Notice of termination',
  from: 'kim@fabrikam.example',
  to: ['lee@blueharbor.example'],
  cc: [],
  sentAt: '2026-03-04T08:30:00+01:00',
  direction: 'inbound',
  body: 'Please take this as our notice: we will not renew.',
  account: { id: '5550000000000000777', name: 'Fabrikam' },
};

const NOT_UNDERSTOOD = anything(
  'Any other JSON: accepted, kept as it came, and a dead letter with its reason. Nothing authentic is thrown away.',
);

const bodyOf = (name: string, example: object): ContentDoc => ({
  description: 'The bytes that were signed.',
  content: {
    'application/json': {
      schema: { anyOf: [ref(name), NOT_UNDERSTOOD] },
      examples: { [name]: example, test: { ...example, isTest: true } },
    },
  },
});

const routeOf = (summary: string, rawBody: ContentDoc, description?: string): RouteDoc => ({
  summary,
  ...(description !== undefined && { description }),
  rawBody,
  answers: WEBHOOK_ANSWERS,
  security: ['gongToken', 'gongUrlKey'],
  errors: [
    'SIGNATURE.MISSING',
    'SIGNATURE.INVALID',
    'SIGNATURE.EXPIRED',
    'SIGNATURE.WRONG_URL',
    'SIGNATURE.BODY_CHANGED',
    'SIGNATURE.NOT_CONFIGURED',
    ...WEBHOOK_ERRORS,
  ],
});

export const GONG_WEBHOOKS_API = apiDoc({
  tag: {
    name: 'Webhooks of Gong',
    description: 'Admin center > Ecosystem > Automation rules > "Fire webhook", with "Signed JWT header".',
  },
  schemas: { WebhookAnswer: WEBHOOK_ANSWER, GongCall: CALL, RelayedEmail: EMAIL },
  routes: {
    calls: routeOf('A call', bodyOf('GongCall', CALL_EXAMPLE)),
    emails: routeOf('An e-mail, from a relay', bodyOf('RelayedEmail', EMAIL_EXAMPLE)),
    meetings: routeOf(
      'A meeting',
      bodyOf('GongCall', CALL_EXAMPLE),
      'The same body as a call: a second rule, filtered to web conferences, or a relay.',
    ),
  },
});
