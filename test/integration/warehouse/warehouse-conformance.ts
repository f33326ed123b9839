import type { Warehouse } from '../../../src/contracts/ports/warehouse.port.js';
import type { EventFilter } from '../../../src/contracts/ports/warehouse-reader.port.js';
import type { SqlWarehouse } from '../../../src/warehouse/sql-warehouse.js';
import { SqlErasure } from '../../../src/warehouse/sql-erasure.js';
import { SqlUpkeep } from '../../../src/warehouse/sql-upkeep.js';
import { SqlAccountReader } from '../../../src/warehouse/sql-account-reader.js';
import { SqlWarehouseReader } from '../../../src/warehouse/sql-warehouse-reader.js';
import { callRow, emailRow, historyRow, meetingRow, rawRow, snapshotRow, zohoRow } from './warehouse-rows.js';

/** What a warehouse needs to be judged: a fresh one with its schema, opened, and a way to look into it from outside. */
export interface WarehouseHarness {
  readonly warehouse: SqlWarehouse;
  /** Rows of a query that every warehouse understands, cells as JSON values, column names in upper case. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  dispose(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** The conformance suite of the Warehouse port; every implementation runs it. */
export function describeWarehouse(name: string, open: () => Promise<WarehouseHarness>): void {
  describe(`${name} as a warehouse`, () => {
    let harness: WarehouseHarness;
    let warehouse: Warehouse;
    beforeEach(async () => {
      harness = await open();
      warehouse = harness.warehouse;
    });
    afterEach(() => harness.dispose());

    const count = async (table: string) => {
      const [row] = await harness.query(`SELECT CAST(COUNT(*) AS INTEGER) AS N FROM ${table}`);
      return Number(row?.N);
    };

    describe('writing', () => {
      const titles = () => harness.query('SELECT TITLE FROM GONG_CALLS_ENHANCED');

      it('keeps a body to the byte and derives the JSON from it', async () => {
        await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
        const rows = await harness.query(
          'SELECT BODY, CAST(PAYLOAD AS VARCHAR) AS PAYLOAD, LOADED_AT IS NOT NULL AS LOADED FROM GONG_WEBHOOKS_RAW',
        );
        expect(rows).toMatchObject([{ BODY: '{ "amount":0.0 }', LOADED: true }]);
        expect(JSON.parse(String(rows[0]?.PAYLOAD))).toEqual({ amount: 0 });
      });

      it('lands authentic bytes that are not JSON', async () => {
        const bodies = [
          'not json',
          '{"lone":"\\ud800"}',
          '',
          '"\\u0000"',
          '💥'.repeat(10),
          "it's; --",
          '?:1::x',
        ];
        await warehouse.write(
          'GONG_WEBHOOKS_RAW',
          bodies.map((BODY, index) => rawRow(`e${index}`, { BODY })),
        );
        const rows = await harness.query('SELECT BODY FROM GONG_WEBHOOKS_RAW ORDER BY EVENT_ID');
        expect(rows.map(({ BODY }) => BODY)).toEqual(bodies);
      });

      it('keeps an instant whatever offset it was written with', async () => {
        await warehouse.write('GONG_WEBHOOKS_RAW', [
          rawRow('one', { RECEIVED_AT: '2026-03-04T17:02:41.318+02:00' }),
        ]);
        const { event } = (await new SqlWarehouseReader(harness.warehouse.reading).event('one')) ?? {};
        expect(event?.receivedAt).toBe('2026-03-04T15:02:41.318Z');
      });

      it('inserts a raw row once, whatever comes again', async () => {
        expect(await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('two')])).toBe(2);
        expect(
          await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one', { BODY: 'changed' }), rawRow('three')]),
        ).toBe(1);
        const rows = await harness.query('SELECT EVENT_ID, BODY FROM GONG_WEBHOOKS_RAW ORDER BY EVENT_ID');
        expect(rows.map(({ EVENT_ID }) => EVENT_ID)).toEqual(['one', 'three', 'two']);
        expect(rows[0]?.BODY).toBe('{ "amount":0.0 }');
      });

      it('takes the same key several times in one batch', async () => {
        expect(
          await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('one'), rawRow('one')]),
        ).toBe(1);
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('c', 1, 0, { TITLE: 'old' }),
          callRow('c', 2, 0, { TITLE: 'new' }),
          callRow('c', 1, 1, { TITLE: 'older' }),
        ]);
        expect(await titles()).toEqual([{ TITLE: 'new' }]);
      });

      it.each([
        ['a newer version', 2, 0, 'second'],
        ['a higher revision of the same version', 1, 1, 'second'],
        ['the same again', 1, 0, 'first'],
        ['an older version, even of a higher revision', 0, 9, 'first'],
      ])('with %s shows the newest', async (_what, version, revision, shown) => {
        await warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', 1, 0, { TITLE: 'first' })]);
        await warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', version, revision, { TITLE: 'second' })]);
        expect(await titles()).toEqual([{ TITLE: shown }]);
      });

      it('writes a row of every table', async () => {
        const rows = {
          GONG_WEBHOOKS_RAW: rawRow('e'),
          ZOHO_EVENTS_RAW: zohoRow('z'),
          GONG_CALLS_ENHANCED: callRow('c', 1, 0),
          GONG_EMAILS_ENHANCED: emailRow('m'),
          GONG_MEETINGS_ENHANCED: meetingRow('t'),
          WEBHOOK_PROCESSING_HISTORY: historyRow('e', 'land'),
          ZOHO_ACCOUNT_SNAPSHOTS: snapshotRow('s', 'a', 1),
        } as const;
        for (const [table, row] of Object.entries(rows) as [
          keyof typeof rows,
          (typeof rows)['ZOHO_EVENTS_RAW'],
        ][]) {
          expect([table, await warehouse.write(table, [row])]).toEqual([table, 1]);
          expect([table, await warehouse.write(table, [row])]).toEqual([table, 0]);
        }
      });

      it('refuses a row that can never be written, by code, and writes nothing of its batch', async () => {
        const bad = rawRow('bad', { RECEIVED_AT: 'yesterday' });
        const missing = rawRow('worse', { PAYLOAD_SHA256: null });
        for (const row of [bad, missing]) {
          const writing = warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('good'), row]);
          await expect(writing).rejects.toMatchObject({ code: 'WAREHOUSE.ROW_REFUSED', retry: 'never' });
          await expect(writing).rejects.not.toThrow('yesterday');
        }
        expect(await count('GONG_WEBHOOKS_RAW')).toBe(0);
      });

      it('takes a row that is larger than a batch may be', async () => {
        const BODY = JSON.stringify({ text: '"é💥'.repeat(400_000) });
        const large = rawRow('large', { BODY });
        expect(await warehouse.write('GONG_WEBHOOKS_RAW', [large])).toBe(1);
        expect(await warehouse.write('GONG_WEBHOOKS_RAW', [large])).toBe(0);
        const { body } = (await new SqlWarehouseReader(harness.warehouse.reading).rawPayload('large')) ?? {};
        expect(body === BODY).toBe(true);
      });

      it('takes concurrent writes to the same keys', async () => {
        const rows = Array.from({ length: 20 }, (_item, index) => rawRow(`e${index}`));
        const changed = await Promise.all(
          Array.from({ length: 10 }, () => warehouse.write('GONG_WEBHOOKS_RAW', rows)),
        );
        expect(changed.reduce((sum, rowsChanged) => sum + rowsChanged, 0)).toBe(20);
        expect(await count('GONG_WEBHOOKS_RAW')).toBe(20);
      });

      it('answers a ping, and closes with a write in flight', async () => {
        await warehouse.ping();
        expect(warehouse.status.circuit).toBe('closed');
        const writing = warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('last')]);
        await warehouse.close();
        await expect(writing).resolves.toBe(1);
        await expect(warehouse.ping()).rejects.toThrow('closed');
      });
    });

    describe('reading', () => {
      const reader = () => new SqlWarehouseReader(harness.warehouse.reading);

      it('finds an event with its history in order', async () => {
        await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
        await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [
          historyRow('one', 'enrich', {
            OCCURRED_AT: '2026-03-04T15:02:43.000Z',
            STATUS: 'failed',
            ERROR_CODE: 'STAGE.FAILED',
            ERROR_MESSAGE: 'odd',
          }),
          historyRow('one', 'land', { DETAILS: '{"rows":1}', DURATION_MS: 500 }),
          historyRow('other', 'land'),
        ]);
        const found = await reader().event('one');
        expect(found?.event).toMatchObject({
          eventId: 'one',
          vendor: 'gong',
          kind: 'call',
          objectId: '8123456789012345671',
          module: null,
          correlationId: 'correlation',
          receivedAt: '2026-03-04T15:02:41.318Z',
          loadedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        });
        expect(found?.history).toMatchObject([
          {
            stage: 'land',
            status: 'completed',
            attempt: 1,
            startedAt: '2026-03-04T15:02:41.500Z',
            endedAt: '2026-03-04T15:02:42.000Z',
            durationMs: 500,
            error: null,
            details: { rows: 1 },
          },
          {
            stage: 'enrich',
            status: 'failed',
            error: { code: 'STAGE.FAILED', message: 'odd' },
            details: null,
          },
        ]);
        expect(await reader().event('none')).toBeUndefined();
      });

      it('lists events of both vendors, newest first, filtered and page by page', async () => {
        const at = (minute: number) => `2026-03-04T15:${String(minute).padStart(2, '0')}:00.000Z`;
        await warehouse.write(
          'GONG_WEBHOOKS_RAW',
          [0, 1, 2, 3].map((minute) => rawRow(`gong${minute}`, { RECEIVED_AT: at(minute) })),
        );
        await warehouse.write('ZOHO_EVENTS_RAW', [
          zohoRow('zoho1', { RECEIVED_AT: at(1) }),
          zohoRow('zoho9', { RECEIVED_AT: at(9), RECORD_IDS: '["99"]' }),
        ]);
        const ids = async (...query: Parameters<SqlWarehouseReader['events']>) => {
          const { events } = await reader().events(...query);
          return events.map(({ eventId }) => eventId);
        };
        expect(await ids({}, 10)).toEqual(['zoho9', 'gong3', 'gong2', 'zoho1', 'gong1', 'gong0']);
        expect(await ids({ vendor: 'zoho' }, 10)).toEqual(['zoho9', 'zoho1']);
        expect(await ids({ kind: 'call', since: at(2) }, 10)).toEqual(['gong3', 'gong2']);
        expect(await ids({ entity: '99' }, 10)).toEqual(['zoho9']);
        expect(await ids({ until: at(1) }, 10)).toEqual(['gong0']);
        const walked: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await reader().events({}, 2, cursor);
          walked.push(...page.events.map(({ eventId }) => eventId));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(walked).toEqual(['zoho9', 'gong3', 'gong2', 'zoho1', 'gong1', 'gong0']);
        await expect(reader().events({}, 2, 'nonsense')).rejects.toMatchObject({
          code: 'REQUEST.INVALID_CURSOR',
        });
      });

      it('gives many events of one moment page by page, each once, whatever is asked for', async () => {
        const RECEIVED_AT = '2026-03-04T10:00:00.000Z';
        await warehouse.write(
          'GONG_WEBHOOKS_RAW',
          ['g1', 'g2', 'g3', 'g4'].map((id) => rawRow(id, { RECEIVED_AT })),
        );
        await warehouse.write(
          'ZOHO_EVENTS_RAW',
          ['z1', 'z2', 'z3'].map((id) => zohoRow(id, { RECEIVED_AT })),
        );
        const walk = async (filter: EventFilter) => {
          const walked: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await reader().events(filter, 2, cursor);
            walked.push(...page.events.map(({ eventId }) => eventId));
            cursor = page.nextCursor ?? undefined;
          } while (cursor !== undefined);
          return walked;
        };
        expect(await walk({})).toEqual(['z3', 'z2', 'z1', 'g4', 'g3', 'g2', 'g1']);
        expect(await walk({ vendor: 'gong', since: RECEIVED_AT })).toEqual(['g4', 'g3', 'g2', 'g1']);
        expect(await walk({ kind: 'record' })).toEqual(['z3', 'z2', 'z1']);
        expect(await walk({ until: RECEIVED_AT })).toEqual([]);
      });

      it('gives the payload of an event, and the enhanced row of a conversation', async () => {
        await warehouse.write('ZOHO_EVENTS_RAW', [zohoRow('z', { BODY: 'a=b' })]);
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('c', 7, 1, { PARTIES: '[{"id":"12345678901234567890"}]', CHURN_RISK_SCORE: 0.5 }),
        ]);
        expect(await reader().rawPayload('z')).toEqual({
          eventId: 'z',
          body: 'a=b',
          bodyEncoding: 'utf8',
          sha256: 'ab'.repeat(32),
          headers: { 'user-agent': 'x' },
          isErased: false,
        });
        expect(await reader().rawPayloads([])).toEqual([]);
        expect(await reader().rawPayload('none')).toBeUndefined();
        expect(await reader().enhancedRow('call', 'c')).toMatchObject({
          CALL_ID: 'c',
          PARTIES: [{ id: '12345678901234567890' }],
          TRANSCRIPT: null,
          CHURN_RISK_SCORE: 0.5,
          COMPETITOR_COUNT: null,
          ROW_VERSION: 7,
          REVISION: 1,
        });
        expect(await reader().enhancedRow('meeting', 'c')).toBeUndefined();
      });
    });

    describe('reading accounts', () => {
      const accounts = () => new SqlAccountReader(harness.warehouse.reading);
      const insight = { id: 'i', kind: 'churn_risk', score: 0.75, evidence: [{ quote: 'we "may" leave' }] };

      it('gives the latest snapshot of one account', async () => {
        await warehouse.write('ZOHO_ACCOUNT_SNAPSHOTS', [
          snapshotRow('s2', 'a', 2, { ACCOUNT_NAME: 'Blue Harbor', OWNER_ID: '7', INDUSTRY: 'Freight' }),
          snapshotRow('s1', 'a', 1, { ACCOUNT_NAME: 'Old name' }),
          snapshotRow('s3', 'b', 3, {
            IS_DELETED: true,
            RECORD: '{"id":"b","Annual_Revenue":12345678901234}',
            CONTACTS: '[{"Full_Name":"Ana"}]',
            DEALS: '[]',
            SOURCE_EVENT_ID: 'e',
          }),
        ]);
        expect(await accounts().account('a')).toEqual({
          accountId: 'a',
          name: 'Blue Harbor',
          ownerId: '7',
          industry: 'Freight',
          website: null,
          isDeleted: false,
          fields: { id: 1 },
          contacts: null,
          deals: null,
          snapshotId: 's2',
          sourceEventId: null,
          modifiedAt: '2026-03-04T15:02:41.318Z',
          loadedAt: expect.stringMatching(/Z$/) as string,
        });
        expect(await accounts().account('b')).toMatchObject({
          isDeleted: true,
          fields: { Annual_Revenue: 12345678901234 },
          contacts: [{ Full_Name: 'Ana' }],
          deals: [],
          sourceEventId: 'e',
        });
        expect(await accounts().account('none')).toBeUndefined();
      });

      it('gives its conversations of all kinds with insights and how they were matched', async () => {
        const receivedAt = '2026-03-04T15:02:40.000Z';
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('c', Date.parse(receivedAt), 0, {
            ...{ ACCOUNT_ID: 'a', TITLE: 'Renewal', URL: 'https://x', DEAL_ID: 'd', SOURCE_EVENT_ID: 'one' },
            ...{ STARTED_AT: '2026-03-04T10:00:00.123Z', PRIORITY_REASONS: '["why"]' },
            ...{ INSIGHTS: JSON.stringify([insight]), NEXT_STEPS: '[{"text":"call","insightIds":["i"]}]' },
          }),
          callRow('other', 1, 0, { ACCOUNT_ID: 'b' }),
          callRow('nobody', 1, 0),
        ]);
        await warehouse.write('GONG_EMAILS_ENHANCED', [
          emailRow('m', { ACCOUNT_ID: 'a', SENT_AT: '2026-03-05T10:00:00.000Z', SOURCE_EVENT_ID: 'two' }),
        ]);
        await warehouse.write('GONG_MEETINGS_ENHANCED', [
          meetingRow('t', { ACCOUNT_ID: 'a' }),
          // Of a recorded meeting, which is the call.
          meetingRow('c', { ACCOUNT_ID: 'a', CALL_ID: 'c' }),
        ]);
        await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [
          historyRow('one', 'enrich', { DETAILS: '{"accountId":"a","accountBy":"domain"}' }),
          historyRow('two', 'enrich', { DETAILS: '{"accountId":"b","accountBy":"domain"}' }),
        ]);
        const { conversations, nextCursor } = await accounts().conversations('a', 10);
        expect(nextCursor).toBeNull();
        expect(conversations.map(({ kind, id, matchedBy }) => [kind, id, matchedBy])).toEqual([
          // It has no time of its own: the time of its row.
          ['meeting', 't', null],
          ['email', 'm', null],
          ['call', 'c', 'domain'],
        ]);
        expect(conversations[2]).toEqual({
          ...{ kind: 'call', id: 'c', title: 'Renewal', url: 'https://x', matchedBy: 'domain', dealId: 'd' },
          ...{ occurredAt: '2026-03-04T10:00:00.123Z', priority: 'medium', priorityReasons: ['why'] },
          ...{ insights: [insight], nextSteps: [{ text: 'call', insightIds: ['i'] }] },
          ...{ enrichment: 'partial', sourceEventId: 'one' },
        });
      });

      it('gives them page by page, those of one moment too, and refuses a cursor of its own making', async () => {
        const STARTED_AT = '2026-03-04T10:00:00.000Z';
        await warehouse.write(
          'GONG_CALLS_ENHANCED',
          ['c1', 'c2', 'c3', 'c4'].map((id) => callRow(id, 1, 0, { ACCOUNT_ID: 'a', STARTED_AT })),
        );
        await warehouse.write('GONG_EMAILS_ENHANCED', [
          emailRow('m', { ACCOUNT_ID: 'a', SENT_AT: STARTED_AT }),
        ]);
        const walked: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await accounts().conversations('a', 2, cursor);
          walked.push(...page.conversations.map(({ id }) => id));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(walked).toEqual(['c1', 'c2', 'c3', 'c4', 'm']);
        expect(await accounts().conversations('none', 2)).toEqual({ conversations: [], nextCursor: null });
        for (const odd of ['nonsense', Buffer.from('["yesterday","call","c"]').toString('base64url')]) {
          await expect(accounts().conversations('a', 2, odd)).rejects.toMatchObject({
            code: 'REQUEST.INVALID_CURSOR',
          });
        }
      });
    });

    describe('its views', () => {
      const insight = (kind: string, quote: string) => ({
        id: `i-${kind}`,
        kind,
        score: 0.75,
        ruleset: 'r1',
        source: 'rules',
        rules: ['x'],
        evidence: [{ quote, speaker: 'Ana', side: 'external', startMs: 1, endMs: 2, field: 'f' }],
      });

      it('show current accounts, insights one by one, and signals by account with its name', async () => {
        await warehouse.write('ZOHO_ACCOUNT_SNAPSHOTS', [
          snapshotRow('s1', 'acc', 1, { ACCOUNT_NAME: 'Old name' }),
          snapshotRow('s2', 'acc', 2, {
            ACCOUNT_NAME: 'Blue Harbor',
            PRIORITY: 'high',
            INSIGHTS: JSON.stringify([insight('churn_risk', 'Closed Lost')]),
          }),
        ]);
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('c1', 1, 0, {
            ACCOUNT_ID: 'acc',
            INSIGHTS: JSON.stringify([
              insight('churn_risk', 'we "may" leave'),
              insight('upsell', 'more seats'),
            ]),
          }),
          callRow('c2', 1, 0, { INSIGHTS: JSON.stringify([insight('competitor', 'they')]) }),
          callRow('c3', 1, 0, { INSIGHTS: '[]' }),
        ]);
        await warehouse.write('GONG_EMAILS_ENHANCED', [
          emailRow('m', { ACCOUNT_ID: 'gone', INSIGHTS: JSON.stringify([insight('upsell', 'a mail')]) }),
        ]);
        // The first is the call c1 too; the second was not recorded as a call.
        await warehouse.write('GONG_MEETINGS_ENHANCED', [
          meetingRow('c1', {
            ACCOUNT_ID: 'acc',
            INSIGHTS: JSON.stringify([insight('churn_risk', 'we "may" leave')]),
          }),
          meetingRow('met', { ACCOUNT_ID: 'acc', INSIGHTS: JSON.stringify([insight('upsell', 'they met')]) }),
        ]);
        expect(await harness.query('SELECT ACCOUNT_NAME FROM ZOHO_ACCOUNTS_CURRENT')).toEqual([
          { ACCOUNT_NAME: 'Blue Harbor' },
        ]);
        expect(
          await harness.query(
            'SELECT CONVERSATION_ID, INSIGHT_KIND, QUOTE, SPEAKER, SCORE FROM CALL_INSIGHTS ORDER BY 1, 2',
          ),
        ).toEqual([
          {
            CONVERSATION_ID: 'c1',
            INSIGHT_KIND: 'churn_risk',
            QUOTE: 'we "may" leave',
            SPEAKER: 'Ana',
            SCORE: 0.75,
          },
          { CONVERSATION_ID: 'c1', INSIGHT_KIND: 'upsell', QUOTE: 'more seats', SPEAKER: 'Ana', SCORE: 0.75 },
          { CONVERSATION_ID: 'c2', INSIGHT_KIND: 'competitor', QUOTE: 'they', SPEAKER: 'Ana', SCORE: 0.75 },
        ]);
        expect(
          await harness.query(
            'SELECT ACCOUNT_ID, ACCOUNT_NAME, CONVERSATION_KIND, INSIGHT_KIND FROM ACCOUNT_SIGNALS ORDER BY 1, 3, 4',
          ),
        ).toEqual([
          {
            ACCOUNT_ID: 'acc',
            ACCOUNT_NAME: 'Blue Harbor',
            CONVERSATION_KIND: 'account',
            INSIGHT_KIND: 'churn_risk',
          },
          {
            ACCOUNT_ID: 'acc',
            ACCOUNT_NAME: 'Blue Harbor',
            CONVERSATION_KIND: 'call',
            INSIGHT_KIND: 'churn_risk',
          },
          {
            ACCOUNT_ID: 'acc',
            ACCOUNT_NAME: 'Blue Harbor',
            CONVERSATION_KIND: 'call',
            INSIGHT_KIND: 'upsell',
          },
          {
            ACCOUNT_ID: 'acc',
            ACCOUNT_NAME: 'Blue Harbor',
            CONVERSATION_KIND: 'meeting',
            INSIGHT_KIND: 'upsell',
          },
          { ACCOUNT_ID: 'gone', ACCOUNT_NAME: null, CONVERSATION_KIND: 'email', INSIGHT_KIND: 'upsell' },
        ]);
      });

      it('show volumes and latencies by day', async () => {
        await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('two')]);
        await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [
          historyRow('one', 'land', { DURATION_MS: 100 }),
          historyRow('two', 'land', { DURATION_MS: 300 }),
          historyRow('one', 'enrich', { STATUS: 'failed', OCCURRED_AT: '2026-03-04T15:02:43.318Z' }),
        ]);
        const stages = await harness.query(
          "SELECT CAST(DAY AS VARCHAR) AS DAY, STAGE_RUNS, EVENTS, DURATION_MS_P50, DURATION_MS_MAX FROM DAILY_STAGES WHERE STAGE = 'land'",
        );
        expect(stages.map((row) => ({ ...row, ...numbers(row) }))).toEqual([
          { DAY: '2026-03-04', STAGE_RUNS: 2, EVENTS: 2, DURATION_MS_P50: 200, DURATION_MS_MAX: 300 },
        ]);
        const [latency = {}] = await harness.query(
          'SELECT VENDOR, EVENTS, EVENTS_WITH_FAILURES, PROCESSED_SECONDS_P50 FROM DAILY_LATENCIES',
        );
        expect({ ...latency, ...numbers(latency) }).toEqual({
          VENDOR: 'gong',
          EVENTS: 2,
          EVENTS_WITH_FAILURES: 1,
          PROCESSED_SECONDS_P50: (2 + 0.682) / 2,
        });
      });
    });

    describe('upkeep', () => {
      const upkeep = () => new SqlUpkeep(harness.warehouse.upkeep);

      it('deletes what is older than it is to be kept, and nothing else', async () => {
        const old = new Date(Date.now() - 31 * DAY_MS).toISOString();
        const young = new Date(Date.now() - 29 * DAY_MS).toISOString();
        await warehouse.write('GONG_WEBHOOKS_RAW', [
          rawRow('old', { RECEIVED_AT: old }),
          rawRow('young', { RECEIVED_AT: young }),
        ]);
        await warehouse.write('ZOHO_EVENTS_RAW', [zohoRow('old', { RECEIVED_AT: old })]);
        await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [
          historyRow('old', 'land', { OCCURRED_AT: old }),
        ]);
        expect(await upkeep().purge({ rawDays: 0, historyDays: 0 })).toEqual({});
        expect(await upkeep().purge({ rawDays: 30, historyDays: 0 })).toEqual({
          GONG_WEBHOOKS_RAW: 1,
          ZOHO_EVENTS_RAW: 1,
        });
        expect(await harness.query('SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW')).toEqual([
          { EVENT_ID: 'young' },
        ]);
        expect(await count('WEBHOOK_PROCESSING_HISTORY')).toBe(1);
        expect(await upkeep().purge({ rawDays: 30, historyDays: 30 })).toMatchObject({
          WEBHOOK_PROCESSING_HISTORY: 1,
        });
      });

      it('forgets one person in every table, keeps everybody else, and lets no redelivery bring it back', async () => {
        const mentions = [
          '{"email":"Ana.B+x@corp.example"}',
          'text\\nana.b+x@corp.example.',
          'to=ana.b%2Bx%40corp.example&x=1',
        ];
        const others = [
          'bana.b+x@corp.example',
          'ana.b+x@corp.example.org',
          'anaxb+x@corp.example',
          'nobody',
        ];
        await warehouse.write('GONG_WEBHOOKS_RAW', [
          ...mentions.map((BODY, index) => rawRow(`hers${index}`, { BODY })),
          rawRow('hers3', {
            BODY: Buffer.from('\xff ana.b+x@corp.example', 'latin1').toString('base64'),
            BODY_ENCODING: 'base64',
          }),
          ...others.map((BODY, index) => rawRow(`other${index}`, { BODY })),
        ]);
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('hers', 1, 0, { TITLE: 'Ana', PARTIES: '[{"emailAddress":"ana.b+x@corp.example"}]' }),
          callRow('other', 1, 0, { TITLE: 'Bob', PARTIES: '[{"emailAddress":"bob@corp.example"}]' }),
        ]);
        await warehouse.write('GONG_EMAILS_ENHANCED', [
          emailRow('hers', { FROM_ADDRESS: 'ana.b+x@corp.example' }),
        ]);
        const erasure = new SqlErasure(harness.warehouse.upkeep, 'ana.b+X@corp.example');
        const traces = new Set(await erasure.traces());
        expect([...traces].sort()).toEqual([`call:8123456789012345671`, 'call:hers', 'email:hers']);
        // All raw rows of this test are of one call: told apart by their bodies only.
        traces.delete('call:8123456789012345671');
        expect(await erasure.erase(traces)).toEqual({
          GONG_WEBHOOKS_RAW: 4,
          ZOHO_EVENTS_RAW: 0,
          GONG_CALLS_ENHANCED: 1,
          GONG_EMAILS_ENHANCED: 1,
          GONG_MEETINGS_ENHANCED: 0,
          ZOHO_ACCOUNT_SNAPSHOTS: 0,
          WEBHOOK_PROCESSING_HISTORY: 0,
        });
        const raw = await harness.query(
          "SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW WHERE BODY = '[erased]' AND PAYLOAD IS NULL ORDER BY 1",
        );
        expect(raw.map(({ EVENT_ID }) => EVENT_ID)).toEqual(['hers0', 'hers1', 'hers2', 'hers3']);
        expect(await harness.query('SELECT CALL_ID, TITLE FROM GONG_CALLS_ENHANCED ORDER BY 1')).toEqual([
          { CALL_ID: 'hers', TITLE: null },
          { CALL_ID: 'other', TITLE: 'Bob' },
        ]);
        expect(
          await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('hers0', { BODY: mentions[0] ?? '' })]),
        ).toBe(0);
        expect(await erasure.erase(traces)).toMatchObject({ GONG_WEBHOOKS_RAW: 0, GONG_CALLS_ENHANCED: 0 });
      });

      it('forgets what a person took part in, also where a row does not hold the address', async () => {
        const call = (id: string) => ({ OBJECT_ID: id, BODY: `{"call":"${id}"}` });
        await warehouse.write('GONG_WEBHOOKS_RAW', [
          rawRow('named', { ...call('c1'), BODY: '{"email":"ana@corp.example"}' }),
          rawRow('later', call('c1')),
          rawRow('other', call('c2')),
        ]);
        await warehouse.write('GONG_CALLS_ENHANCED', [
          callRow('c1', 1, 0, { TITLE: 'Hers', TRANSCRIPT: '[{"speaker":"Ana"}]' }),
          callRow('c2', 1, 0, { TITLE: 'Of others' }),
        ]);
        await warehouse.write('GONG_MEETINGS_ENHANCED', [meetingRow('c1', { TITLE: 'Hers' })]);
        await warehouse.write('ZOHO_EVENTS_RAW', [
          zohoRow('z1', {
            MODULE: 'Contacts',
            RECORD_IDS: '["77"]',
            BODY: '{"Phone":"555"}',
          }),
          zohoRow('z2', { MODULE: 'Contacts', RECORD_IDS: '["78"]', BODY: '{"Phone":"556"}' }),
        ]);
        await warehouse.write('ZOHO_ACCOUNT_SNAPSHOTS', [
          snapshotRow('s1', 'a', 1, {
            ACCOUNT_NAME: 'Corp',
            RECORD: '{"id":"a","Main_Contact":{"id":"77","name":"Ana"},"Employees":12}',
            CONTACTS: '[{"id":"77","Email":"Ana@corp.example"},{"id":"78","Email":"bob@corp.example"}]',
            DEALS: '[{"id":"d","Contact_Name":{"id":"77","name":"Ana"},"Amount":5}]',
          }),
          snapshotRow('s2', 'a', 2, { CONTACTS: '[{"id":"77","Full_Name":"Ana"}]' }),
          snapshotRow('s3', 'b', 1, { CONTACTS: '[{"id":"79"}]' }),
        ]);
        const erasure = new SqlErasure(harness.warehouse.upkeep, 'ana@corp.example');
        const traces = new Set(await erasure.traces());
        expect([...traces].sort()).toEqual(['call:c1', 'record:77']);
        expect(await erasure.erase(traces)).toEqual({
          GONG_WEBHOOKS_RAW: 2,
          ZOHO_EVENTS_RAW: 1,
          GONG_CALLS_ENHANCED: 1,
          GONG_EMAILS_ENHANCED: 0,
          GONG_MEETINGS_ENHANCED: 1,
          ZOHO_ACCOUNT_SNAPSHOTS: 2,
          WEBHOOK_PROCESSING_HISTORY: 0,
        });
        const reader = new SqlAccountReader(harness.warehouse.reading);
        expect(await reader.account('b')).toMatchObject({ contacts: [{ id: '79' }] });
        expect(await reader.account('a')).toMatchObject({ contacts: [] });
        const [first] = await harness.query(
          `SELECT CAST(RECORD AS VARCHAR) AS R, CAST(CONTACTS AS VARCHAR) AS C, CAST(DEALS AS VARCHAR) AS D
           FROM ZOHO_ACCOUNT_SNAPSHOTS WHERE SNAPSHOT_ID = 's1'`,
        );
        expect([first?.R, first?.C, first?.D].map((part) => JSON.parse(String(part)) as unknown)).toEqual([
          { id: 'a', Main_Contact: null, Employees: 12 },
          [{ id: '78', Email: 'bob@corp.example' }],
          [{ id: 'd', Contact_Name: null, Amount: 5 }],
        ]);
        const left = await harness.query("SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW WHERE BODY <> '[erased]'");
        expect(left).toEqual([{ EVENT_ID: 'other' }]);
        expect(
          await new SqlErasure(harness.warehouse.upkeep, 'ana@corp.example').erase(traces),
        ).toMatchObject({
          GONG_WEBHOOKS_RAW: 0,
          ZOHO_EVENTS_RAW: 0,
          GONG_CALLS_ENHANCED: 0,
          ZOHO_ACCOUNT_SNAPSHOTS: 0,
        });
      });
    });
  });
}

/** Counts and averages as numbers: warehouses differ in whether they give them as text. */
function numbers(row: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))
      .map(([name, value]) => [name, Number(value)]),
  );
}
