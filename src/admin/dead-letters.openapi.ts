import type { DeadLetter, DeadLetterDetail } from '../contracts/dead-letter.js';
import type { ReplayReport } from '../contracts/ports/dead-letters.port.js';
import { EVENT_KINDS, VENDORS } from '../contracts/vendor.js';
import { schemaOfClass } from '../openapi/class-schema.js';
import { apiDoc, checkedClass, json, pageOf } from '../openapi/documented.decorator.js';
import {
  anything,
  count,
  exactly,
  flag,
  listOf,
  nullable,
  objectOf,
  oneOf,
  ref,
  text,
  time,
} from '../openapi/schema.js';
import {
  DeadLetterFilterQuery,
  DeadLetterListQuery,
  DiscardRequest,
  ReplayRequest,
} from './dead-letter.queries.js';
import { PAGE_FIELDS, VENDOR_FILTER_FIELDS } from './query-fields.openapi.js';

const FILTER_FIELDS = {
  ...VENDOR_FILTER_FIELDS,
  source: 'Only those that failed there: a queue, `warehouse`, a kind of alerts.',
  code: 'Only those with this code of an error.',
} as const;
const FILTER = checkedClass(DeadLetterFilterQuery, FILTER_FIELDS);

const DEAD_LETTER = {
  id: text('`<source>.<id within it>`.'),
  source: text('Where it failed: a queue, the warehouse, a target of messages.'),
  code: text('Stable code of the error, `OTHER` for an unforeseen one.'),
  message: text('For people; never holds a payload.'),
  stage: nullable(text('Stage of the pipeline.')),
  vendor: nullable(oneOf(VENDORS, 'Whose event it was.')),
  kind: nullable(oneOf(EVENT_KINDS, 'What it is about.')),
  eventId: nullable(text('For `GET /admin/events/{id}`.')),
  entityId: nullable(text("The vendor's id of the object.")),
  correlationId: nullable(text('Of the request that brought it.')),
  attempts: count('How often it was tried.'),
  failedAt: time('When it failed last.'),
  replayOf: nullable(text('The dead letter that it was before an operator had it run again.')),
};

const EXAMPLE: DeadLetter = {
  id: 'events.gong-1772634120345',
  source: 'events',
  code: 'PAYLOAD.NOT_UNDERSTOOD',
  message: 'the body names no call (callData.metaData.id)',
  stage: 'enrich',
  vendor: 'gong',
  kind: 'call',
  eventId: '0f4b7c61d2a93e58b6c07d1e9f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c',
  entityId: null,
  correlationId: '3f0c2a4e-8a53-4e0f-9d5b-0c9b7f6f2a11',
  attempts: 1,
  failedAt: '2026-03-04T14:22:00.345Z',
  replayOf: null,
};

const REPORT: ReplayReport = { matched: 200, hasMore: false, attempted: 200, succeeded: 200, failed: [] };

export const DEAD_LETTERS_API = apiDoc({
  tag: { name: 'Dead letters', description: 'What retrying could not mend: inspect, replay, discard.' },
  path: { id: text('Id of a dead letter.', { examples: [EXAMPLE.id] }) },
  schemas: {
    DeadLetter: objectOf<DeadLetter>(DEAD_LETTER),
    DeadLetterDetail: objectOf<DeadLetterDetail>({
      ...DEAD_LETTER,
      payload: anything('The body as it was received, or the row or message that was refused.'),
    }),
    ReplayReport: objectOf<ReplayReport>({
      matched: count('Dead letters that match, up to the limit.'),
      hasMore: flag('More match than the limit allowed: ask again.'),
      attempted: count('Replays begun; none in a dry run.'),
      succeeded: count('Put back into their queue.'),
      failed: listOf(
        objectOf<ReplayReport['failed'][number]>({ id: text('Its id.'), reason: text('Why not.') }),
        'Those that stayed dead letters.',
      ),
    }),
  },
  routes: {
    list: {
      summary: 'Dead letters, the newest first',
      query: checkedClass(DeadLetterListQuery, { ...FILTER_FIELDS, ...PAGE_FIELDS }),
      answers: {
        200: json('A page.', pageOf(ref('DeadLetter')), { items: [EXAMPLE], nextCursor: null }),
      },
      errors: ['REQUEST.INVALID_CURSOR'],
    },
    one: {
      summary: 'One dead letter with its payload',
      answers: { 200: json('All that helps to understand it.', ref('DeadLetterDetail')) },
      errors: ['REQUEST.NOT_FOUND'],
    },
    replayAll: {
      summary: 'Replay by filter',
      description: 'Safe to repeat: what was replayed is no dead letter any more.',
      body: {
        ...checkedClass(ReplayRequest, {
          filter: {
            ...schemaOfClass(FILTER),
            description: 'Every given field must match; without any, all do.',
          },
          limit: 'The newest so many.',
          dryRun: 'Only count what matches.',
        }),
        examples: { mended: { filter: { code: 'INSIGHTS.RULES_INVALID' }, limit: 500, dryRun: true } },
      },
      answers: { 200: json('What was done.', ref('ReplayReport'), REPORT) },
    },
    replay: {
      summary: 'Replay one',
      answers: {
        200: json(
          'It is in its queue again.',
          objectOf<{ replayed: true; id: string }>({ replayed: exactly(true), id: text('Its id.') }),
          {
            replayed: true,
            id: EXAMPLE.id,
          },
        ),
      },
      errors: ['REQUEST.NOT_FOUND'],
    },
    discard: {
      summary: 'Discard one, on the record',
      body: {
        ...checkedClass(DiscardRequest, { reason: 'Why; the audit log keeps it.' }),
        examples: { test: { reason: 'a test of the vendor' } },
      },
      answers: {
        200: json(
          'It is gone; its raw row stays.',
          objectOf<{ discarded: true; id: string }>({ discarded: exactly(true), id: text('Its id.') }),
          { discarded: true, id: EXAMPLE.id },
        ),
      },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
