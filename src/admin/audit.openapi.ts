import { apiDoc, checkedClass, json, pageOf } from '../openapi/documented.decorator.js';
import { nullable, objectOf, ref, text, time } from '../openapi/schema.js';
import type { AuditEntry } from './audit-log.js';
import { PageQuery } from './page.query.js';
import { PAGE_FIELDS } from './query-fields.openapi.js';

const EXAMPLE: AuditEntry = {
  id: '1772634120345-0',
  at: '2026-03-04T14:22:00.345Z',
  who: 'anna',
  what: 'POST /admin/queues/events/pause',
  from: '203.0.113.9',
  correlationId: '3f0c2a4e-8a53-4e0f-9d5b-0c9b7f6f2a11',
  result: 'done',
  note: null,
};

export const AUDIT_API = apiDoc({
  tag: { name: 'Audit', description: 'Who changed what.' },
  schemas: {
    AuditEntry: objectOf<AuditEntry>({
      id: text('Of the entry.', { pattern: '^\\d+-\\d+$' }),
      at: time('When it began.'),
      who: text('Name of the token or session.'),
      what: text('Method and path.'),
      from: text('Address the request came from.'),
      correlationId: text('Of the request.'),
      result: text(
        '`done`, the code of an error, or `begun` where the process died before the end or the change still runs.',
      ),
      note: nullable(text('A reason that was given, or how much was changed.')),
    }),
  },
  routes: {
    list: {
      summary: 'What operators changed, the newest first',
      query: checkedClass(PageQuery, PAGE_FIELDS),
      answers: {
        200: json('A page of the log.', pageOf(ref('AuditEntry')), { items: [EXAMPLE], nextCursor: null }),
      },
      errors: ['REQUEST.INVALID_CURSOR'],
    },
  },
});
