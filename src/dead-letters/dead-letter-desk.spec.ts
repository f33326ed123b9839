import type { DiscoveryService } from '@nestjs/core';
import fc from 'fast-check';
import type { DeadLetter, DeadLetterDetail } from '../contracts/dead-letter.js';
import type { DeadLetterSource } from '../contracts/ports/dead-letter-source.port.js';
import { DeadLetterDesk } from './dead-letter-desk.js';

const NOBODY = {
  vendor: null,
  kind: null,
  eventId: null,
  entityId: null,
  correlationId: null,
  replayOf: null,
};

/** @param second the larger, the later it failed. */
const letter = (source: string, id: string, second: number, more: Partial<DeadLetter> = {}): DeadLetter => ({
  ...{ id: `${source}.${id}`, source, code: 'STAGE.FAILED', message: 'm', stage: null, attempts: 3 },
  ...NOBODY,
  failedAt: new Date(Date.UTC(2026, 2, 4, 15, 0, second)).toISOString(),
  ...more,
});

/** Keeps letters in memory as a source keeps them: the newest first, and gone when they are replayed. */
class Drawer implements DeadLetterSource {
  readonly replayedBy: string[] = [];
  refusal: Error | undefined;

  constructor(
    readonly name: string,
    private letters: readonly DeadLetter[],
  ) {
    this.letters = [...letters].sort((left, right) => (left.failedAt > right.failedAt ? -1 : 1));
  }

  list(offset: number, limit: number): Promise<DeadLetter[]> {
    return Promise.resolve(this.letters.slice(offset, offset + limit));
  }

  find(id: string): Promise<DeadLetterDetail | undefined> {
    const found = this.letters.find((kept) => kept.id === `${this.name}.${id}`);
    return Promise.resolve(found && { ...found, payload: null });
  }

  async replay(id: string, by: string): Promise<boolean> {
    if (this.refusal !== undefined) throw this.refusal;
    this.replayedBy.push(by);
    return this.discard(id);
  }

  discard(id: string): Promise<boolean> {
    const before = this.letters.length;
    this.letters = this.letters.filter((kept) => kept.id !== `${this.name}.${id}`);
    return Promise.resolve(this.letters.length < before);
  }
}

function deskOf(...drawers: Drawer[]): DeadLetterDesk {
  const providers = drawers.map((instance) => ({ instance }));
  const desk = new DeadLetterDesk({ getProviders: () => providers } as unknown as DiscoveryService);
  desk.onModuleInit();
  return desk;
}

const idsOf = ({ items }: { items: readonly DeadLetter[] }) => items.map(({ id }) => id);

async function allPages(desk: DeadLetterDesk, size: number): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await desk.page({}, size, cursor);
    expect(page.items.length).toBeLessThanOrEqual(size);
    seen.push(...idsOf(page));
    if (page.nextCursor === null) return seen;
    cursor = page.nextCursor;
  }
}

describe('the desk of dead letters', () => {
  it('lists those of all sources, the newest first', async () => {
    const events = new Drawer('events', [letter('events', '1', 1), letter('events', '2', 4)]);
    const warehouse = new Drawer('warehouse', [
      letter('warehouse', 'T:5-0', 3),
      letter('warehouse', 'T:2-0', 2),
    ]);
    const { nextCursor, ...page } = await deskOf(events, warehouse, new Drawer('alerts', [])).page({}, 10);
    expect(idsOf(page)).toEqual(['events.2', 'warehouse.T:5-0', 'warehouse.T:2-0', 'events.1']);
    expect(nextCursor).toBeNull();
  });

  it('shows each letter on exactly one page, also where many failed in one moment', async () => {
    const place = fc.record({ source: fc.constantFrom('a', 'b'), second: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (places, size) => {
          const letters = places.map(({ source, second }, at) => letter(source, `${10 + at}`, second));
          const drawers = ['a', 'b'].map((name) => {
            const own = letters.filter(({ source }) => source === name);
            return new Drawer(name, own);
          });
          const seen = await allPages(deskOf(...drawers), size);
          expect([...seen].sort()).toEqual(letters.map(({ id }) => id).sort());
        },
      ),
      { numRuns: 50 },
    );
  });

  it('goes on behind the hundred that a source gives at once', async () => {
    const many = Array.from({ length: 250 }, (_none, at) => letter('events', String(at), at));
    expect(await allPages(deskOf(new Drawer('events', many)), 100)).toHaveLength(250);
  });

  it.each([
    [{ source: 'warehouse' }, ['warehouse.w']],
    [{ vendor: 'zoho' as const }, ['events.z']],
    [{ kind: 'call' as const }, ['events.g']],
    [{ code: 'WAREHOUSE.ROW_REFUSED' }, ['warehouse.w']],
    [{ since: '2026-03-04T15:00:02.000Z' }, ['warehouse.w', 'events.z']],
    [{ until: '2026-03-04T16:00:02.000+01:00' }, ['events.g']],
    [{ vendor: 'gong' as const, code: 'OTHER' }, []],
    [{ source: 'nowhere' }, []],
  ])('filters by %j', async (filter, ids) => {
    const events = [
      letter('events', 'g', 1, { vendor: 'gong', kind: 'call' }),
      letter('events', 'z', 2, { vendor: 'zoho', kind: 'record' }),
    ];
    const rows = [letter('warehouse', 'w', 3, { code: 'WAREHOUSE.ROW_REFUSED' })];
    const desk = deskOf(new Drawer('events', events), new Drawer('warehouse', rows));
    expect(idsOf(await desk.page(filter, 10))).toEqual(ids);
  });

  it.each(['', 'x', ...['{}', '[]', '["a"]', '["a",1]', '["a","b","c"]'].map((text) => btoa(text))])(
    'refuses the cursor %j, which is none of its own',
    async (cursor) => {
      await expect(deskOf().page({}, 1, cursor)).rejects.toThrow(RangeError);
    },
  );

  it('finds, replays and discards by the whole id, and leaves alone what is not there', async () => {
    const drawer = new Drawer('warehouse', [letter('warehouse', 'T.1:5-0', 1), letter('warehouse', 'x', 2)]);
    const desk = deskOf(drawer);
    expect(await desk.find('warehouse.T.1:5-0')).toMatchObject({ id: 'warehouse.T.1:5-0' });
    expect(await desk.replay('warehouse.T.1:5-0', 'ann')).toBe(true);
    expect(await desk.replay('warehouse.T.1:5-0', 'ann')).toBe(false);
    expect(await desk.discard('warehouse.x')).toBe(true);
    for (const id of ['warehouse.x', 'nowhere.x', 'warehouse', '']) {
      expect(await desk.find(id)).toBeUndefined();
      expect(await desk.replay(id, 'ann')).toBe(false);
      expect(await desk.discard(id)).toBe(false);
    }
  });
});

describe('the replay of many dead letters', () => {
  const four = () =>
    new Drawer(
      'events',
      [1, 2, 3, 4].map((second) => letter('events', String(second), second)),
    );

  it('takes the newest of those that match, and tells that there are more', async () => {
    const drawer = four();
    const report = await deskOf(drawer).replayAll({}, 3, false, 'ann');
    expect(report).toEqual({ matched: 3, hasMore: true, attempted: 3, succeeded: 3, failed: [] });
    expect(drawer.replayedBy).toEqual(['ann', 'ann', 'ann']);
    expect((await drawer.list(0, 9)).map(({ id }) => id)).toEqual(['events.1']);
  });

  it('only counts where it is dry', async () => {
    const drawer = four();
    const report = await deskOf(drawer).replayAll({}, 10, true, 'ann');
    expect(report).toEqual({ matched: 4, hasMore: false, attempted: 0, succeeded: 0, failed: [] });
    expect(drawer.replayedBy).toEqual([]);
  });

  it('goes on where one fails, and says which and why', async () => {
    const [broken, good] = [four(), new Drawer('warehouse', [letter('warehouse', 'w', 9)])];
    broken.refusal = new Error('Redis is away');
    const report = await deskOf(broken, good).replayAll({}, 2, false, 'ann');
    expect(report).toMatchObject({
      ...{ attempted: 2, succeeded: 1 },
      failed: [{ id: 'events.4', reason: 'Redis is away' }],
    });
  });

  it('counts what somebody else has replayed meanwhile as no success', async () => {
    const drawer = four();
    drawer.replay = () => Promise.resolve(false);
    const { succeeded, failed } = await deskOf(drawer).replayAll({}, 1, false, 'ann');
    expect([succeeded, failed]).toEqual([0, [{ id: 'events.4', reason: 'it was no dead letter any more' }]]);
  });
});
