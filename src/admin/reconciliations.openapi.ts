import type {
  ReconciliationEstimate,
  ReconciliationOverview,
  ReconciliationRun,
} from '../contracts/ports/reconciliation.port.js';
import { VENDORS } from '../contracts/vendor.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { count, listOf, nullable, objectOf, oneOf, ref, text, time } from '../openapi/schema.js';
import { LimitQuery } from './page.query.js';
import { LIMIT_FIELD } from './query-fields.openapi.js';
import { StartReconciliationRequest } from './reconciliation.queries.js';
import { GONG_ERRORS, ZOHO_ERRORS } from './vendor-errors.openapi.js';

const RUN: ReconciliationRun = {
  id: '9f86d081884c7d65',
  vendor: 'zoho',
  mode: 'backfill',
  status: 'done',
  since: '2026-03-01T00:00:00.000Z',
  until: '2026-03-04T00:00:00.000Z',
  slices: 7,
  slicesDone: 7,
  seen: 412,
  missed: 1,
  missedIds: ['Accounts:4150868000004560001:1772582400000'],
  repaired: 1,
  quotaUsed: 9,
  startedAt: '2026-03-04T14:22:00.345Z',
  endedAt: '2026-03-04T14:22:31.002Z',
  reason: null,
};

const aRun = (description: string) => ({ 200: json(description, ref('ReconciliationRun'), RUN) });

export const RECONCILIATIONS_API = apiDoc({
  tag: {
    name: 'Reconciliations',
    description: "What the vendors' webhooks have missed, found by asking their APIs.",
  },
  path: { id: text('Id of a comparison.', { examples: [RUN.id] }) },
  schemas: {
    ReconciliationRun: objectOf<ReconciliationRun>({
      id: text('Of the run.'),
      vendor: oneOf(VENDORS, 'Whose API.'),
      mode: oneOf(['hourly', 'nightly', 'backfill'], '`backfill`: an operator asked for it.'),
      status: oneOf(['waiting', 'running', 'paused', 'done', 'cancelled', 'failed'], 'Where it is.'),
      since: time('From here on,'),
      until: time('before this.'),
      slices: count('Parts that are compared one by one.'),
      slicesDone: count('Of these.'),
      seen: count('Changes that the vendor lists, as far as it has come.'),
      missed: count('Those that no webhook had brought.'),
      missedIds: listOf(text('A change.'), 'The first thousand of them.'),
      repaired: count('Missed and durably queued.'),
      quotaUsed: count('Requests for the lists.'),
      startedAt: time('When it began.'),
      endedAt: nullable(time('When it ended.')),
      reason: nullable(text('Why it waits or has failed: a code and a text.')),
    }),
    ReconciliationEstimate: objectOf<ReconciliationEstimate>(
      {
        objects: nullable(count('How many the vendor lists.')),
        requests: nullable(count('To its API.')),
        daysOfQuota: {
          type: ['number', 'null'],
          description: "Of the vendor's quota, as far as it is left to us.",
        },
      },
      { description: 'What it will cost; null for what cannot be known before.' },
    ),
    ReconciliationOverview: objectOf<ReconciliationOverview>({
      vendors: listOf(
        objectOf<ReconciliationOverview['vendors'][number]>({
          vendor: oneOf(VENDORS, 'Whose.'),
          offBecause: nullable(text('Why it cannot run; null when it does.')),
          missedThisWeek: count('Webhooks missed in the last seven days.'),
        }),
        'How each vendor does.',
      ),
      runs: listOf(ref('ReconciliationRun'), 'The latest first.'),
    }),
  },
  routes: {
    list: {
      summary: 'The comparisons, and what each vendor has missed',
      query: checkedClass(LimitQuery, LIMIT_FIELD),
      answers: { 200: json('The latest.', ref('ReconciliationOverview')) },
    },
    one: {
      summary: 'One comparison with its progress',
      answers: aRun('As it is now.'),
      errors: ['REQUEST.NOT_FOUND'],
    },
    start: {
      summary: 'Compare a span with the API of a vendor',
      description: 'Asks the vendor once for an estimate; the work is done in the background.',
      body: {
        ...checkedClass(StartReconciliationRequest, {
          vendor: 'Whose API.',
          since:
            'From this moment on: a date, or a time with its zone, of ISO 8601. In the past, and not before 2000.',
          until: 'Before this moment; up to now unless given.',
          dryRun: 'Only says what it will cost, and begins nothing.',
        }),
        examples: { days: { vendor: 'zoho', since: '2026-03-01', until: '2026-03-04T00:00:00Z' } },
      },
      answers: {
        200: json(
          'Only the estimate was asked for.',
          objectOf<{ run: null; estimate: ReconciliationEstimate }>({
            run: { type: 'null' },
            estimate: ref('ReconciliationEstimate'),
          }),
        ),
        202: json(
          'It is queued.',
          objectOf<{ run: ReconciliationRun; estimate: ReconciliationEstimate }>({
            run: ref('ReconciliationRun'),
            estimate: ref('ReconciliationEstimate'),
          }),
        ),
      },
      errors: ['RECONCILIATION.OFF', ...GONG_ERRORS, ...ZOHO_ERRORS],
    },
    pause: {
      summary: 'Pause a comparison',
      answers: aRun('As it is then; one that has ended stays so.'),
      errors: ['REQUEST.NOT_FOUND'],
    },
    resume: {
      summary: 'Go on with one that is paused or has failed',
      answers: aRun('As it is then.'),
      errors: ['REQUEST.NOT_FOUND'],
    },
    cancel: {
      summary: 'End a comparison; what it queued stays',
      answers: aRun('As it is then.'),
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
