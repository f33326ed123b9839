import { apiDoc } from '../openapi/documented.decorator.js';
import { anything, ref, type Schema } from '../openapi/schema.js';
import { WEBHOOK_ANSWERS, WEBHOOK_ERRORS } from './webhook-answer.openapi.js';

const ID: Schema = { type: ['string', 'integer'], description: 'Digits; long ones lose nothing.' };
const IDS: Schema = {
  type: ['array', 'string'],
  items: ID,
  description: 'Records that have changed, one event each.',
};

const NOTIFICATION: Schema = {
  type: 'object',
  description: 'A notification of Zoho CRM, v2 to v8. Older versions lack the optional fields.',
  required: ['channel_id', 'module', 'operation', 'ids'],
  properties: {
    channel_id: ID,
    token: { type: ['string', 'null'], description: 'The echoed token of the channel: proves the sender.' },
    module: { type: 'string' },
    operation: { type: 'string', description: 'insert, update, delete, ...' },
    ids: IDS,
    resource_uri: { type: 'string' },
    query_params: { type: 'object' },
    server_time: { type: 'integer', description: 'Epoch milliseconds.' },
    affected_fields: {
      type: 'array',
      items: { type: 'object' },
      description: '`[{"<record id>": ["Field"]}]`',
    },
    affected_values: { type: 'array', items: { type: 'object' }, description: '`[{"record_id", "values"}]`' },
  },
};

const WORKFLOW: Schema = {
  type: 'object',
  description: 'A workflow webhook, as JSON or as a form, with the parameters that its rule names.',
  required: ['module', 'id'],
  properties: {
    module: { type: 'string' },
    operation: { type: 'string' },
    id: ID,
    channel_id: ID,
    token: { type: 'string', description: 'Of a channel, where the rule signs nothing.' },
  },
};

const GENERIC: Schema = {
  type: 'object',
  description: 'From a Deluge function or a relay.',
  required: ['event_type', 'record_id'],
  properties: {
    event_id: { type: 'string', description: "The sender's own id of the event." },
    event_type: { type: 'string', description: '`account.updated`, `Accounts.edit`, ...' },
    module: { type: 'string' },
    record_id: ID,
    data: { type: 'object', description: 'Values of the record.' },
    modified_fields: { type: 'array', items: { type: 'string' } },
  },
};

const NOTIFICATION_EXAMPLE = {
  channel_id: '2000000071001',
  token: '<the token of the channel>',
  module: 'Deals',
  operation: 'update',
  ids: ['5550000000000002033'],
  server_time: 1772633001787,
  affected_fields: [{ '5550000000000002033': ['Stage'] }],
  affected_values: [{ record_id: '5550000000000002033', values: { Stage: 'Closed Lost' } }],
};

const GENERIC_EXAMPLE = {
  event_id: 'evt-7d1f',
  event_type: 'account.updated',
  module: 'Accounts',
  record_id: '5550000000000001007',
  data: { id: '5550000000000001007', Account_Name: 'Fabrikam' },
  modified_fields: ['Account_Status'],
};

const WORKFLOW_EXAMPLE = { module: 'Accounts', operation: 'update', id: '5550000000000001008' };

const NOT_UNDERSTOOD = anything(
  'Anything else: accepted, kept as it came, and a dead letter with its reason. Nothing authentic is thrown away.',
);

const FORMS = ['ZohoNotification', 'ZohoWorkflow', 'ZohoGeneric'].map((name) => ref(name));

export const ZOHO_WEBHOOKS_API = apiDoc({
  tag: {
    name: 'Webhooks of Zoho',
    description: 'Notification channels, workflow rules and Deluge functions of Zoho CRM.',
  },
  schemas: { ZohoNotification: NOTIFICATION, ZohoWorkflow: WORKFLOW, ZohoGeneric: GENERIC },
  routes: {
    record: {
      summary: 'Records have changed',
      description:
        'Proven by an HMAC-SHA256 of the body, or, without a signature, by the echoed `token` of a known `channel_id` in the ' +
        'body. A signature that is present must verify.',
      parameters: [
        {
          name: 'X-Webhook-Timestamp',
          in: 'header',
          description:
            'Unix time or ISO 8601: then the signed text is `<timestamp>.<body>`, and it must be recent.',
          schema: { type: 'string' },
        },
      ],
      rawBody: {
        description: 'The bytes that were signed. An empty form is a form too.',
        isOptional: true,
        content: {
          'application/json': {
            schema: { anyOf: [...FORMS, NOT_UNDERSTOOD] },
            examples: {
              notification: NOTIFICATION_EXAMPLE,
              generic: GENERIC_EXAMPLE,
              workflow: WORKFLOW_EXAMPLE,
            },
          },
          'application/x-www-form-urlencoded': {
            schema: { anyOf: [ref('ZohoWorkflow'), ref('ZohoNotification'), NOT_UNDERSTOOD] },
            examples: { workflow: WORKFLOW_EXAMPLE },
          },
        },
      },
      answers: WEBHOOK_ANSWERS,
      security: ['zohoSignature', 'webhookSignature', 'body'],
      errors: ['SIGNATURE.MISSING', 'SIGNATURE.INVALID', 'SIGNATURE.EXPIRED', ...WEBHOOK_ERRORS],
    },
  },
});
