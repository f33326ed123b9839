import type {
  ZohoChannel,
  ZohoChannelHealth,
  ZohoChannelOutcome,
  ZohoChannelWithToken,
} from '../contracts/ports/zoho-channels.port.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { exactly, flag, listOf, nullable, objectOf, oneOf, ref, text, time } from '../openapi/schema.js';
import { ZOHO_ERRORS } from './vendor-errors.openapi.js';
import { ChangeChannelRequest, RegisterChannelRequest } from './zoho-channel.queries.js';

const CHANNEL_FIELDS = {
  id: text('Digits.'),
  module: text('API name of the module.'),
  events: listOf(text('E.g. `Accounts.all`.'), 'What Zoho tells of.'),
  notifyUrl: text('Where Zoho posts.'),
  isEnabled: flag('Whether Zoho is to post.'),
  expiresAt: nullable(time('As Zoho said it; null until it has confirmed the channel.')),
  tokenId: text('Fingerprint of its token, as rows name it in SIGNING_KEY_ID.'),
  lastEventAt: nullable(time('When an event came by it last.')),
  problem: nullable(text('Why Zoho did not take it the last time.')),
};

const CHANNEL: ZohoChannel = {
  id: '174509823417650',
  module: 'Accounts',
  events: ['Accounts.all'],
  notifyUrl: 'https://tributary.example.com/webhooks/zoho',
  isEnabled: true,
  expiresAt: '2026-03-11T13:22:00.000Z',
  tokenId: '2c26b46b68ffc68f',
  lastEventAt: '2026-03-04T14:22:00.345Z',
  problem: null,
};

const OUTCOMES = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: ref('ZohoChannelOutcome') } },
};
const REGISTERED: ZohoChannelOutcome = {
  module: 'Accounts',
  outcome: 'registered',
  channel: { ...CHANNEL, lastEventAt: null, token: '<48 characters, shown once>' },
  reason: null,
};

const CHANGES = ['CHANNELS.NOT_CONFIGURED', ...ZOHO_ERRORS] as const;
const CHANGES_ONE = ['REQUEST.NOT_FOUND', 'CHANNELS.REFUSED', ...CHANGES] as const;

export const ZOHO_CHANNELS_API = apiDoc({
  tag: { name: 'Zoho channels', description: 'By which Zoho CRM notifies this service.' },
  path: { id: text('Id of a channel.', { examples: [CHANNEL.id] }) },
  schemas: {
    ZohoChannel: objectOf<ZohoChannel>(CHANNEL_FIELDS),
    ZohoChannelWithToken: objectOf<ZohoChannelWithToken>({
      ...CHANNEL_FIELDS,
      token: text('A secret, shown by the answer that made it and never again.'),
    }),
    ZohoChannelOutcome: objectOf<ZohoChannelOutcome>({
      module: text('What was asked for, or a part of it.'),
      outcome: oneOf(
        ['registered', 'exists', 'refused', 'cannot_be_watched', 'expanded'],
        '`expanded`: it is no module of its own, its parts follow.',
      ),
      channel: { anyOf: [ref('ZohoChannelWithToken'), ref('ZohoChannel'), { type: 'null' }] },
      reason: nullable(text('Where there is no channel.')),
    }),
    ZohoChannelHealth: objectOf<ZohoChannelHealth>({
      isHealthy: flag('Nothing has to be done.'),
      channels: listOf(
        objectOf<ZohoChannelHealth['channels'][number]>({
          ...CHANNEL_FIELDS,
          expiresInSeconds: { type: ['integer', 'null'], description: 'Negative where it has expired.' },
          drift: listOf(
            text('`missing_at_zoho`, `expiry_differs`, `events_differ` or `address_differs`.'),
            "How Zoho's own list differs.",
          ),
        }),
        'Ours.',
      ),
      unknownAtZoho: listOf(
        text('Id.'),
        'Channels at Zoho that post to our address and are not in our registry.',
      ),
    }),
  },
  routes: {
    list: {
      summary: 'The channels',
      answers: {
        200: json(
          'Without their tokens.',
          {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: ref('ZohoChannel') } },
          },
          { items: [CHANNEL] },
        ),
      },
    },
    health: {
      summary: "Our list beside Zoho's",
      answers: { 200: json('What differs.', ref('ZohoChannelHealth')) },
      errors: ZOHO_ERRORS,
    },
    one: {
      summary: 'One channel',
      answers: { 200: json('Without its token.', ref('ZohoChannel'), CHANNEL) },
      errors: ['REQUEST.NOT_FOUND'],
    },
    register: {
      summary: 'Register a channel',
      body: {
        ...checkedClass(RegisterChannelRequest, {
          module: 'API name of the module.',
          operations: 'What Zoho is to tell of; all unless given.',
        }),
        examples: { accounts: { module: 'Accounts', operations: ['create', 'edit', 'delete'] } },
      },
      answers: { 200: json('What came of it, module by module.', OUTCOMES, { items: [REGISTERED] }) },
      errors: CHANGES,
    },
    defaults: {
      summary: 'Register what concerns accounts; channels that are there stay',
      answers: { 200: json('What came of it, module by module.', OUTCOMES, { items: [REGISTERED] }) },
      errors: CHANGES,
    },
    change: {
      summary: 'Change, disable or enable a channel',
      body: {
        ...checkedClass(ChangeChannelRequest, {
          operations: 'What Zoho is to tell of from now on.',
          isEnabled: 'False lets Zoho post no more; the channel is kept.',
        }),
        examples: { off: { isEnabled: false } },
      },
      answers: { 200: json('As it is then.', ref('ZohoChannel'), CHANNEL) },
      errors: CHANGES_ONE,
    },
    remove: {
      summary: 'Remove a channel, at Zoho too',
      answers: {
        200: json(
          'It is gone.',
          objectOf<{ removed: true; id: string }>({ removed: exactly(true), id: text('Its id.') }),
          { removed: true, id: CHANNEL.id },
        ),
      },
      errors: ['REQUEST.NOT_FOUND', ...ZOHO_ERRORS],
    },
    renew: {
      summary: 'Renew a channel now',
      answers: { 200: json('As it is then.', ref('ZohoChannel'), CHANNEL) },
      errors: CHANGES_ONE,
    },
    rotateToken: {
      summary: 'Give a channel a new token',
      description: 'The old token is accepted for a day longer.',
      answers: { 200: json('With the new token, shown once.', ref('ZohoChannelWithToken')) },
      errors: CHANGES_ONE,
    },
  },
});
