import type { Warehouse } from '../../../src/contracts/ports/warehouse.port.js';
import type { RowValues } from '../../../src/contracts/tables.js';

/** What a warehouse needs to be judged: a fresh one, and a way to look into it from outside. */
export interface WarehouseHarness {
  readonly warehouse: Warehouse;
  /** Rows of a query, cells as JSON values. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  dispose(): Promise<void>;
}

const rawRow = (eventId: string, more: RowValues = {}): RowValues => ({
  EVENT_ID: eventId,
  TENANT: 'main',
  SOURCE: 'gong',
  EVENT_TYPE: 'call',
  OBJECT_ID: '8123456789012345671',
  BODY: '{ "amount":0.0 }',
  BODY_ENCODING: 'utf8',
  PAYLOAD_SHA256: 'ab'.repeat(32),
  HEADERS: '{"user-agent":"x"}',
  SIGNING_KEY_ID: 'key',
  REQUEST_ID: 'correlation',
  RECEIVED_AT: '2026-03-04T15:02:41.318Z',
  ...more,
});

const callRow = (callId: string, version: number, revision: number, title: string): RowValues => ({
  CALL_ID: callId,
  TENANT: 'main',
  TITLE: title,
  PRIORITY: 'medium',
  INSIGHTS: '[]',
  ENRICHMENT_STATUS: 'partial',
  SOURCE_EVENT_ID: 'event',
  ROW_VERSION: version,
  REVISION: revision,
});

/** The conformance suite of the Warehouse port; every implementation runs it. */
export function describeWarehouse(name: string, open: () => Promise<WarehouseHarness>): void {
  describe(`${name} as a warehouse`, () => {
    let harness: WarehouseHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.dispose());

    const titles = () => harness.query('SELECT TITLE FROM GONG_CALLS_ENHANCED');

    it('keeps a body to the byte and derives the JSON from it', async () => {
      await harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
      const rows = await harness.query(
        'SELECT BODY, PAYLOAD::VARCHAR AS PAYLOAD, RECEIVED_AT, LOADED_AT IS NOT NULL AS LOADED FROM GONG_WEBHOOKS_RAW',
      );
      expect(rows).toMatchObject([{ BODY: '{ "amount":0.0 }', LOADED: true }]);
      expect(JSON.parse(String(rows[0]?.PAYLOAD))).toEqual({ amount: 0 });
    });

    it('lands authentic bytes that are not JSON', async () => {
      const bodies = ['not json', '{"lone":"\\ud800"}', '', '"\\u0000"', '💥'.repeat(10)];
      await harness.warehouse.write(
        'GONG_WEBHOOKS_RAW',
        bodies.map((BODY, index) => rawRow(`e${index}`, { BODY })),
      );
      const rows = await harness.query('SELECT BODY FROM GONG_WEBHOOKS_RAW ORDER BY EVENT_ID');
      expect(rows.map(({ BODY }) => BODY)).toEqual(bodies);
    });

    it('inserts a raw row once, whatever comes again', async () => {
      expect(await harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('two')])).toBe(2);
      expect(
        await harness.warehouse.write('GONG_WEBHOOKS_RAW', [
          rawRow('one', { BODY: 'changed' }),
          rawRow('three'),
        ]),
      ).toBe(1);
      const rows = await harness.query('SELECT EVENT_ID, BODY FROM GONG_WEBHOOKS_RAW ORDER BY EVENT_ID');
      expect(rows.map(({ EVENT_ID }) => EVENT_ID)).toEqual(['one', 'three', 'two']);
      expect(rows[0]?.BODY).toBe('{ "amount":0.0 }');
    });

    it('takes the same key several times in one batch', async () => {
      expect(
        await harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('one'), rawRow('one')]),
      ).toBe(1);
      await harness.warehouse.write('GONG_CALLS_ENHANCED', [
        callRow('c', 1, 0, 'old'),
        callRow('c', 2, 0, 'new'),
        callRow('c', 1, 1, 'older'),
      ]);
      expect(await titles()).toEqual([{ TITLE: 'new' }]);
    });

    it.each([
      ['a newer version', 2, 0, 'second'],
      ['a higher revision of the same version', 1, 1, 'second'],
      ['the same again', 1, 0, 'first'],
      ['an older version, even of a higher revision', 0, 9, 'first'],
    ])('with %s shows the newest', async (_what, version, revision, shown) => {
      await harness.warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', 1, 0, 'first')]);
      await harness.warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', version, revision, 'second')]);
      expect(await titles()).toEqual([{ TITLE: shown }]);
    });

    it('refuses a row that can never be written, by code, and writes nothing of its batch', async () => {
      const bad = rawRow('bad', { RECEIVED_AT: 'yesterday' });
      const missing = { ...rawRow('worse'), PAYLOAD_SHA256: null };
      for (const row of [bad, missing]) {
        await expect(
          harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('good'), row]),
        ).rejects.toMatchObject({
          code: 'WAREHOUSE.ROW_REFUSED',
          retry: 'never',
        });
      }
      expect(await harness.query('SELECT count(*)::INTEGER AS N FROM GONG_WEBHOOKS_RAW')).toEqual([{ N: 0 }]);
    });

    it('takes concurrent writes to the same keys', async () => {
      const rows = Array.from({ length: 20 }, (_item, index) => rawRow(`e${index}`));
      const changed = await Promise.all(
        Array.from({ length: 10 }, () => harness.warehouse.write('GONG_WEBHOOKS_RAW', rows)),
      );
      expect(changed.reduce((sum, count) => sum + count, 0)).toBe(20);
    });

    it('answers a ping, and closes with a write in flight', async () => {
      await harness.warehouse.ping();
      const writing = harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('last')]);
      await harness.warehouse.close();
      await expect(writing).resolves.toBe(1);
      await expect(harness.warehouse.ping()).rejects.toThrow('closed');
    });
  });
}
