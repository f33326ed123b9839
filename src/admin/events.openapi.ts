import { EVENT_QUEUES } from '../contracts/jobs.js';
import { LIVE_STATES, type LiveEvent } from '../contracts/ports/live-events.port.js';
import type { StageRecord } from '../contracts/ports/warehouse-reader.port.js';
import { EVENT_KINDS, VENDORS } from '../contracts/vendor.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { count, flag, listOf, mapOf, nullable, objectOf, oneOf, ref, text, time } from '../openapi/schema.js';
import { EVENT_SOURCES, EVENT_STATUSES, EventSearchQuery } from './event.queries.js';
import type { FoundEvent, FoundEvents } from './event-search.js';
import type { EventDetail } from './event-timeline.js';
import type { TimelineEntry } from './event-timeline.entries.js';
import { PAGE_FIELDS, VENDOR_FILTER_FIELDS } from './query-fields.openapi.js';

const IDENTITY = {
  eventId: text('sha256 in hex; EVENT_ID of the tables.'),
  vendor: oneOf(VENDORS, 'Who sent it.'),
  kind: oneOf(EVENT_KINDS, 'What it is about.'),
  objectId: nullable(text("The vendor's id of the call, e-mail, meeting or record.")),
  receivedAt: time('When its webhook came.'),
};
const correlationId = text('Of the request that brought it.');
const status = oneOf(
  EVENT_STATUSES,
  '`queued`, `processing`, `waiting` for its time, `failed` (a dead letter), or `processed`: no queue holds it.',
);
const deadLetterId = nullable(text('Of a failed one.'));
const dueAt = nullable(time('When a waiting one goes on.'));

const STAGE = {
  stage: text('E.g. `enrich`.'),
  status: text('How it ended.'),
  attempt: count('1 for the first.'),
  startedAt: time('When it began.'),
  endedAt: time('When it ended.'),
  durationMs: count('Milliseconds.'),
  error: nullable(
    objectOf<NonNullable<StageRecord['error']>>({ code: text('Stable.'), message: text('For people.') }),
  ),
  workerId: nullable(text('The process that did it.')),
  details: nullable(mapOf({}, 'What the stage says of its work.')),
};

const JOB = objectOf<LiveEvent>({
  ...IDENTITY,
  correlationId,
  state: oneOf(LIVE_STATES, 'Where the job is.'),
  queue: oneOf(EVENT_QUEUES, 'Which queue has it.'),
  attempts: count('Attempts that have failed.'),
  dueAt,
  deadLetterId,
  failure: nullable(
    objectOf<NonNullable<LiveEvent['failure']>>({
      code: text('Stable.'),
      stage: nullable(text('Where.')),
      message: text('For people.'),
    }),
  ),
});

const FOUND: FoundEvent = {
  eventId: '0f4b7c61d2a93e58b6c07d1e9f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c',
  vendor: 'gong',
  kind: 'call',
  objectId: '7782342274025937895',
  correlationId: '3f0c2a4e-8a53-4e0f-9d5b-0c9b7f6f2a11',
  receivedAt: '2026-03-04T14:22:00.345Z',
  status: 'processed',
  dueAt: null,
  deadLetterId: null,
  errorCode: null,
};

export const EVENTS_API = apiDoc({
  tag: { name: 'Events', description: 'Where every event is, what happened to it and what to do about it.' },
  path: { id: text('Id of the event; any other text is no event.', { examples: [FOUND.eventId] }) },
  schemas: {
    FoundEvent: objectOf<FoundEvent>({
      ...IDENTITY,
      correlationId: nullable(correlationId),
      status,
      dueAt,
      deadLetterId,
      errorCode: nullable(text('Of the last failure.')),
    }),
    FoundEvents: objectOf<FoundEvents>({
      items: listOf(ref('FoundEvent'), 'Newest first.'),
      nextCursor: nullable(text('For `cursor` of the next page; null on the last one.')),
      source: listOf(oneOf(EVENT_SOURCES, ''), 'What was looked into.'),
      note: nullable(text('What may be missing, and how to see it.')),
    }),
    TimelineEntry: objectOf<TimelineEntry>({
      ...STAGE,
      wait: nullable(text('E.g. `waiting for gong until 2026-03-04T14:32:00.000Z`.')),
    }),
    EventDetail: objectOf<EventDetail>({
      event: objectOf<EventDetail['event']>({
        ...IDENTITY,
        correlationId: nullable(correlationId),
        channelId: nullable(text('The notification channel of Zoho.')),
        module: nullable(text('Of the CRM.')),
        operation: nullable(text('What happened to the record.')),
        signingKeyId: nullable(text('Fingerprint of the key that proved it.')),
        loadedAt: nullable(time('When its raw row was written; null while it is on its way.')),
      }),
      status,
      jobs: listOf(JOB, 'Its jobs in the queues, with what they wait for or died of.'),
      rowsOnTheirWay: mapOf(count('Rows.'), 'Rows that wait for the warehouse, by table.'),
      refusedRows: listOf(
        objectOf<EventDetail['refusedRows'][number]>({
          id: text('Its dead letter is `warehouse.<id>`.'),
          table: text('Which table.'),
          code: text('Stable.'),
          reason: text('Why, without any cell of the row.'),
        }),
        'Rows that the warehouse will not take.',
      ),
      timeline: listOf(ref('TimelineEntry'), 'Each stage of each attempt, in order.'),
      nextSteps: listOf(text('A sentence.'), 'What an operator should do now.'),
      isWarehouseRead: flag(
        'False where the warehouse did not answer, and the timeline may lack what it holds.',
      ),
    }),
  },
  routes: {
    list: {
      summary: 'Find events, the newest first',
      query: checkedClass(EventSearchQuery, {
        ...VENDOR_FILTER_FIELDS,
        ...PAGE_FIELDS,
        entity: "The vendor's id of the call, e-mail, meeting or record.",
        status: 'Only events that are so.',
        source: 'Look into the queues and the outbox only (`queues`), or into the warehouse too.',
      }),
      answers: {
        200: json('What was found.', ref('FoundEvents'), {
          items: [FOUND],
          nextCursor: null,
          source: ['queues', 'warehouse'],
          note: null,
        }),
      },
      errors: ['REQUEST.INVALID_CURSOR'],
    },
    one: {
      summary: 'One event with its timeline and what to do next',
      answers: { 200: json('All that is known of it.', ref('EventDetail')) },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
