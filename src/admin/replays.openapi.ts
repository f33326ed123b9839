import { REPLAY_STARTS, type Replay } from '../contracts/ports/replays.port.js';
import { EVENT_KINDS, VENDORS } from '../contracts/vendor.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { count, exactly, flag, nullable, objectOf, oneOf, ref, text, time } from '../openapi/schema.js';
import { ReplayOrderRequest } from './replay.requests.js';

const REPLAY: Replay = {
  id: 'c3ab8ff13720e8ad',
  vendor: 'gong',
  kind: 'call',
  since: '2026-03-01T00:00:00.000Z',
  until: '2026-03-04T00:00:00.000Z',
  from: 'enrich',
  notify: false,
  by: 'anna',
  status: 'done',
  startedAt: '2026-03-04T14:22:00.345Z',
  queued: 200,
  erased: 0,
  open: 0,
  failed: 0,
};

export const REPLAYS_API = apiDoc({
  tag: { name: 'Replays', description: 'Run the pipeline again from the raw archive.' },
  path: { id: text('Id of a replay.', { examples: [REPLAY.id] }) },
  schemas: {
    Replay: objectOf<Replay>({
      id: text('Of the replay.'),
      vendor: oneOf(VENDORS, 'Whose events.'),
      kind: nullable(oneOf(EVENT_KINDS, 'About what; null for all.')),
      since: time('Received from here on,'),
      until: time('before this.'),
      from: oneOf(REPLAY_STARTS, 'Where it begins: with the raw row, or behind it.'),
      notify: flag('Whether agents are told again.'),
      by: text('Name of the token that asked for it.'),
      status: oneOf(
        ['queueing', 'running', 'done', 'cancelled', 'failed'],
        '`queueing`: events are taken from the archive; `running`: all are queued, some are not done.',
      ),
      startedAt: time('When it began.'),
      queued: count('Events put into the queue so far.'),
      erased: count('Events whose body was erased: there is nothing to run.'),
      open: count('Of those queued, not done yet.'),
      failed: count('Of those queued, dead letters now.'),
    }),
  },
  routes: {
    start: {
      summary: 'Replay a span of the archive',
      description:
        'With new rules, or after a mended bug. Rows are replaced by newer ones, nothing is there twice, and agents ' +
        'hear nothing again unless asked for.',
      body: {
        ...checkedClass(ReplayOrderRequest, {
          vendor: 'Whose events.',
          kind: 'About what; all unless given.',
          since: 'Received from this moment on: a date, or a time with its zone, of ISO 8601.',
          until: 'Before this moment, and before now.',
          from: 'Where to begin: with the raw row, or behind it.',
          notify: 'Whether agents are told again what they were told before.',
        }),
        examples: { days: { vendor: 'gong', kind: 'call', since: '2026-03-01', until: '2026-03-04' } },
      },
      answers: {
        202: json('It is queued.', objectOf<{ id: string }>({ id: text('Of the replay.') }), {
          id: REPLAY.id,
        }),
      },
    },
    list: {
      summary: 'The replays of the last 90 days, the newest first',
      answers: {
        200: json(
          'At most a hundred.',
          {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: ref('Replay') } },
          },
          { items: [REPLAY] },
        ),
      },
    },
    one: {
      summary: 'One replay with its progress',
      answers: { 200: json('As it is now.', ref('Replay'), REPLAY) },
      errors: ['REQUEST.NOT_FOUND'],
    },
    cancel: {
      summary: 'Queue no more of it; what is queued runs',
      answers: {
        200: json(
          'It is cancelled.',
          objectOf<{ cancelled: true; id: string }>({ cancelled: exactly(true), id: text('Its id.') }),
          { cancelled: true, id: REPLAY.id },
        ),
      },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
