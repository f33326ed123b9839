import fc from 'fast-check';
import { GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import {
  FIXTURE_SECRET,
  fixtureSignature,
  type WebhookFixture,
  webhookFixtures,
} from '../support/webhook-fixtures.js';

const RUNS = 300;

/** Real-shaped bodies of which something was changed, signed as they are then: authentic, but odd. */
function oddBody(fixtures: readonly WebhookFixture[]): fc.Arbitrary<{ body: Buffer; contentType: string }> {
  const fixture = fc.constantFrom(...fixtures);
  const bytes = fc
    .record({ fixture, place: fc.nat(5_000), piece: fc.uint8Array({ maxLength: 4 }) })
    .map(({ fixture: { body, contentType }, place, piece }) => {
      const at = place % body.length;
      const parts = [body.subarray(0, at), Buffer.from(piece), body.subarray(at + piece.length)];
      return { body: Buffer.concat(parts), contentType };
    });
  const values = fc
    .record({ fixture, place: fc.nat(1_000), value: fc.jsonValue() })
    .map(({ fixture: { body, contentType }, place, value }) => ({
      body: contentType === 'application/json' ? withOneValue(body, place, value) : body,
      contentType,
    }));
  return fc.oneof(bytes, values);
}

/** The same JSON with one of its values, at whatever depth, replaced. */
function withOneValue(body: Buffer, place: number, value: unknown): Buffer {
  let count = 0;
  JSON.parse(body.toString(), (_key, old: unknown) => ((count += 1), old));
  let index = 0;
  const changed = JSON.parse(body.toString(), (_key, old: unknown) => {
    index += 1;
    return index === (place % count) + 1 ? value : old;
  }) as unknown;
  return Buffer.from(JSON.stringify(changed) ?? 'null');
}

describe('odd but authentic bodies', () => {
  let house: GongHouse;
  const accepted = { gong: 0, zoho: 0 };
  beforeAll(async () => {
    house = await GongHouse.open({ WEBHOOK_SECRETS: FIXTURE_SECRET });
  });
  afterAll(() => house.close());

  it('of Gong are accepted or no JSON, never an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(oddBody(webhookFixtures('gong')), async ({ body }) => {
        const answer = await house.post(body);
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 200) {
          accepted.gong += (answer.body as { status: string }).status === 'accepted' ? 1 : 0;
        } else expect(answer.body).toMatchObject({ code: 'PAYLOAD.NOT_JSON' });
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('of Zoho are accepted or no JSON, never an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(oddBody(webhookFixtures('zoho')), async ({ body, contentType }) => {
        const response = await fetch(`${house.service.url}/webhooks/zoho`, {
          method: 'POST',
          headers: { 'content-type': contentType, ...fixtureSignature(body) },
          body: new Uint8Array(body),
        });
        const answer = (await response.json()) as { code?: string; events?: object[]; status: string };
        expect([200, 400]).toContain(response.status);
        const events = (answer.events ?? [answer]) as { status: string }[];
        accepted.zoho += events.filter(({ status }) => status === 'accepted').length;
        if (response.status === 400) expect(answer.code).toBe('PAYLOAD.NOT_JSON');
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('each have a row in the end, whatever the later stages made of them', async () => {
    const rows = (table: string) => house.metric(`warehouse_rows_total{table="${table}"}`);
    await waitFor('the rows', async () => (await rows('GONG_WEBHOOKS_RAW')) === accepted.gong);
    await waitFor('the rows', async () => (await rows('ZOHO_EVENTS_RAW')) === accepted.zoho);
    expect(accepted.gong).toBeGreaterThan(RUNS / 10);
    expect(accepted.zoho).toBeGreaterThan(RUNS / 10);
    expect(house.service.output).not.toContain('outbox.row_refused');
  });
});
