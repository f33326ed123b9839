import { gongCall, type GongCallOverrides } from '../factories/gong-call.factory.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

interface Detail {
  readonly status: string;
  readonly nextSteps: readonly string[];
  readonly jobs: readonly { readonly deadLetterId: string | null; readonly dueAt: string | null }[];
  readonly rowsOnTheirWay: Record<string, number>;
  readonly refusedRows: readonly { readonly id: string }[];
}

/** Each test knows nothing but the id of an event, and asks at most three times. */
describe('why a call is not in the warehouse', () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  let desk: AdminDesk;

  beforeAll(async () => {
    gong = await GongApiSimulator.start();
    house = await GongHouse.open({ ...DESK_TOKENS, ...gong.environment });
    desk = new AdminDesk(house.service.url);
  });
  afterAll(async () => {
    await house.close();
    await gong.close();
  });

  const detail = async (id: string) => (await desk.get(`/events/${id}`)).body as unknown as Detail;

  /** The moment is the test's business; what an operator then sees is one request. */
  const onceIt = (id: string, what: string, isSo: (seen: Detail) => boolean) =>
    waitFor(what, async () => {
      const seen = await detail(id);
      return isSo(seen) && seen;
    });

  async function post(overrides: GongCallOverrides): Promise<string> {
    gong.addCall(gongCall(overrides));
    return answerBody(await house.postCall(overrides)).eventIds[0] ?? '';
  }

  const isSettled = ({ status, rowsOnTheirWay }: Detail) =>
    status === 'processed' && Object.keys(rowsOnTheirWay).length === 0;

  it('a private call: the policy, by the name of its setting', async () => {
    const id = await post({ seed: 1, isPrivate: true });
    const { nextSteps } = await onceIt(id, 'it to be stored', isSettled);
    expect(nextSteps).toEqual([
      expect.stringMatching(
        /^Nothing to do: .*private calls are not fetched \(GONG_INCLUDE_PRIVATE_CALLS\)\.$/,
      ),
    ]);
  });

  it('a body that nobody understood: the dead letter, whose address is told', async () => {
    const answer = await house.post(JSON.stringify({ callData: { odd: 1 } }));
    const id = answerBody(answer).eventIds[0] ?? '';
    const { nextSteps, jobs } = await onceIt(id, 'it to have failed', ({ status }) => status === 'failed');
    const letter = jobs[0]?.deadLetterId ?? '';
    expect(nextSteps[0]).toContain('It failed with PAYLOAD.NOT_UNDERSTOOD at stage enrich');
    expect(nextSteps[0]).toContain(`POST /admin/dead-letters/${letter}/replay`);
    expect(await desk.get(`/dead-letters/${letter}`)).toMatchObject({
      body: { payload: { callData: { odd: 1 } } },
    });
    expect(await desk.ask('POST', `/dead-letters/${letter}/replay`)).toMatchObject({ status: 200 });
  });

  it('a row that the warehouse refused: its dead letter, whose address is told', async () => {
    // Half an emoji, as a title cut at a fixed length ends: JSON allows it, and no store of text does.
    const id = await post({ seed: 2, metaData: { title: 'Renewal \ud83d' } });
    const { nextSteps, refusedRows } = await onceIt(id, 'the refusal', (seen) => seen.refusedRows.length > 0);
    const letter = `warehouse.${refusedRows[0]?.id ?? ''}`;
    const step = nextSteps.find((text) => text.includes('refused its row for GONG_CALLS_ENHANCED'));
    expect(step).toContain(`POST /admin/dead-letters/${letter}/replay`);
    expect(await desk.get(`/dead-letters/${letter}`)).toMatchObject({
      status: 200,
      body: { code: 'WAREHOUSE.ROW_REFUSED', eventId: id },
    });
  });

  it('a paused queue: who lets it go on', async () => {
    await desk.ask('POST', '/queues/events/pause');
    const id = await post({ seed: 3 });
    expect((await detail(id)).nextSteps).toEqual([
      'Its queue is paused: POST /admin/queues/events/resume lets it go on.',
    ]);
    expect(await desk.ask('POST', '/queues/events/resume')).toMatchObject({ status: 200 });
    await onceIt(id, 'it to be stored', isSettled);
  });

  it("Gong's limit: until when, and what a pause does to that", async () => {
    gong.break({ kind: 'rate-limited', retryAfterSeconds: 3_600 });
    const id = await post({ seed: 4 });
    const waiting = await onceIt(id, 'it to wait', ({ status }) => status === 'waiting');
    const dueAt = waiting.jobs[0]?.dueAt ?? '';
    expect(Date.parse(dueAt)).toBeGreaterThan(Date.now() + 3_000_000);
    expect(waiting.nextSteps[0]).toContain(`Nothing to do: it goes on by itself at ${dueAt}`);
    expect(waiting.nextSteps[0]).toMatch(/\(waiting for gong until \S+: .*Gong.*\)\.$/);
    await desk.ask('POST', '/queues/enrichment/pause');
    expect((await detail(id)).nextSteps[0]).toMatch(
      /^Its queue is paused: POST \/admin\/queues\/enrichment\/resume lets it go on\. Then it goes on by itself at /,
    );
    await desk.ask('POST', '/queues/enrichment/resume');
    gong.mend();
  });

  it('an id that nobody knows: that no webhook with it was accepted, and how to fetch what is missing', async () => {
    const { status, body } = await desk.get(`/events/${'a'.repeat(64)}`);
    expect(status).toBe(404);
    expect(body.detail).toContain('no webhook with it was accepted');
    expect(body.detail).toContain('POST /admin/reconciliations');
  });
});
