import type { GongAsk, GongApiClient } from './api/gong-api.client.js';
import { GongApiError } from './api/gong-api.errors.js';
import type { GongQuotaGate } from './api/gong-quota.gate.js';
import { GongReconciliation } from './gong.reconciliation.js';

const SLICE = { since: '2026-03-04T00:00:00.000Z', until: '2026-03-05T00:00:00.000Z', list: 'calls' };
const expired = new GongApiError('GONG.CURSOR_EXPIRED', 'expired', { afterMs: 1 }, '400');
const limited = new GongApiError('GONG.RATE_LIMITED', 'wait', { afterMs: 1 }, '429');

/** Fails with what the test gives, in its order, and then answers with an empty page. */
function comparing(failures: Error[], quota = { reconciliationLeft: 0, reconciliationShare: 0 }, count = 0) {
  const cursors: (string | null)[] = [];
  const callPage = (_span: unknown, cursor: string | null, ask: GongAsk) => {
    cursors.push(cursor);
    ask.onRequest?.();
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve({ calls: [], nextCursor: null }) : Promise.reject(failure);
  };
  const client = { callPage, callCount: () => Promise.resolve(count) } as unknown as GongApiClient;
  const gate = { state: () => Promise.resolve(quota) } as unknown as GongQuotaGate;
  return { gong: new GongReconciliation(client, { areConfigured: true }, gate), cursors };
}

describe('a page of what Gong has', () => {
  it('starts its list over where the cursor has died, and counts both requests', async () => {
    const { gong, cursors } = comparing([expired]);
    expect(await gong.page(SLICE, 'old')).toEqual({ changes: [], requests: 2, nextCursor: null });
    expect(cursors).toEqual(['old', null]);
  });

  it.each([
    ['a first page that is refused', null, expired],
    ['a limit', 'c', limited],
  ])('fails with %s, so that nothing counts as compared', async (_what, cursor, error) => {
    const { gong, cursors } = comparing([error]);
    await expect(gong.page(SLICE, cursor)).rejects.toBe(error);
    expect(cursors).toEqual([cursor]);
  });
});

describe('what a comparison with Gong costs', () => {
  it('is not known in days where nothing is set aside for it', async () => {
    expect((await comparing([], undefined, 250).gong.estimate(SLICE)).daysOfQuota).toBeNull();
  });

  it('is today where today has enough left, and else as many days as its share takes', async () => {
    const days = async (reconciliationLeft: number) => {
      const { gong } = comparing([], { reconciliationLeft, reconciliationShare: 2 }, 250);
      const { requests, daysOfQuota } = await gong.estimate(SLICE);
      return [requests, daysOfQuota];
    };
    const [requests = 0] = await days(1_000);
    expect(await days(1_000)).toEqual([requests, 0]);
    expect(await days(0)).toEqual([requests, Math.ceil((requests ?? 0) / 2)]);
  });
});
