import type { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import type { ArrivingEvent } from '../contracts/ports/arriving-rows.port.js';
import type { LiveEvent, LiveState } from '../contracts/ports/live-events.port.js';
import type { EventFilter, StoredEvent, WarehouseReader } from '../contracts/ports/warehouse-reader.port.js';
import { EventSearch, type FoundEvents } from './event-search.js';
import type { EventSearchQuery } from './event.queries.js';

const SNOWFLAKE = {
  ...{ WAREHOUSE: 'snowflake', SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_PASSWORD: 'p' },
  ...{ SNOWFLAKE_WAREHOUSE: 'w', SNOWFLAKE_DATABASE: 'd', SNOWFLAKE_SCHEMA: 's' },
};

/** @param second of the minute in which it was received: the larger, the newer. */
const about = (eventId: string, second: number) => ({
  ...{ eventId, vendor: 'gong' as const, kind: 'call' as const, objectId: `object-${eventId}` },
  ...{ correlationId: 'c', receivedAt: `2026-03-04T14:30:${String(second).padStart(2, '0')}.000Z` },
});

const job = (eventId: string, second: number, more: Partial<LiveEvent> = {}): LiveEvent => ({
  ...about(eventId, second),
  ...{ state: 'queued', queue: 'events', attempts: 0, dueAt: null, deadLetterId: null, failure: null },
  ...more,
});

const row = (eventId: string, second: number): StoredEvent => ({
  ...about(eventId, second),
  ...{ channelId: null, module: null, operation: null, signingKeyId: 'k' },
  loadedAt: '2026-03-04T15:00:00.000Z',
});

interface Places {
  readonly live?: readonly LiveEvent[];
  readonly isComplete?: boolean;
  readonly arriving?: readonly ArrivingEvent[];
  readonly stored?: readonly StoredEvent[];
  readonly nextCursor?: string;
  readonly failure?: Error;
  readonly environment?: Record<string, string>;
}

/** Each place gives what it was given, and notes what it was asked. */
class House {
  readonly states: LiveState[][] = [];
  readonly filters: EventFilter[] = [];
  readonly warnings: object[] = [];
  private readonly search: EventSearch;

  constructor({ live = [], isComplete = true, arriving = [], environment = {}, ...warehouse }: Places) {
    const { stored = [], nextCursor = null, failure } = warehouse;
    const newest = (states: readonly LiveState[]) => {
      this.states.push([...states]);
      return Promise.resolve({ events: live.filter(({ state }) => states.includes(state)), isComplete });
    };
    const events = (filter: EventFilter) => {
      this.filters.push(filter);
      if (failure !== undefined) return Promise.reject(failure);
      return Promise.resolve({ events: stored, nextCursor });
    };
    this.search = new EventSearch(
      { find: () => Promise.resolve([]), newest },
      {
        ofEvent: () => Promise.reject(new Error('not asked')),
        newestEvents: () => Promise.resolve(arriving),
      },
      { events } as unknown as WarehouseReader,
      loadConfig(environment),
      { warn: (fields: object) => this.warnings.push(fields) } as unknown as PinoLogger,
    );
  }

  find(query: EventSearchQuery = {}, limit = 50): Promise<FoundEvents> {
    return this.search.find(query, limit);
  }
}

const idsOf = ({ items }: FoundEvents) => items.map(({ eventId }) => eventId);

describe('the search for events', () => {
  it('lists what the queues, the outbox and the warehouse hold, the newest first', async () => {
    const failure = { code: 'GONG.UNAVAILABLE', stage: 'enrich', message: 'm' };
    const failed = job('failed', 3, { state: 'failed', deadLetterId: 'events.1', failure });
    const waiting = job('waiting', 4, { state: 'waiting', dueAt: '2026-03-04T14:40:00.000Z' });
    const house = new House({
      live: [failed, waiting],
      arriving: [row('arriving', 2)],
      stored: [row('stored', 1)],
    });
    const found = await house.find();
    const none = { dueAt: null, deadLetterId: null, errorCode: null };
    expect(found).toEqual({
      items: [
        { ...about('waiting', 4), ...none, status: 'waiting', dueAt: '2026-03-04T14:40:00.000Z' },
        {
          ...{ ...about('failed', 3), ...none, status: 'failed' },
          ...{ deadLetterId: 'events.1', errorCode: 'GONG.UNAVAILABLE' },
        },
        { ...about('arriving', 2), ...none, status: 'processed' },
        { ...about('stored', 1), ...none, status: 'processed' },
      ],
      nextCursor: null,
      source: ['queues', 'warehouse'],
      note: null,
    });
  });

  it('has an event once, and believes the queue that it runs again', async () => {
    const house = new House({ live: [job('a', 1)], arriving: [row('a', 1)], stored: [row('a', 1)] });
    expect((await house.find()).items).toMatchObject([{ eventId: 'a', status: 'queued' }]);
  });

  it.each([
    [{ vendor: 'zoho' }, []],
    [{ vendor: 'gong', kind: 'call' }, ['c', 'b', 'a']],
    [{ kind: 'email' }, []],
    [{ entity: 'object-b' }, ['b']],
    [{ since: '2026-03-04T14:30:02.000Z' }, ['c', 'b']],
    [{ until: '2026-03-04T14:30:02.000Z' }, ['a']],
    [{ since: '2026-03-04T15:30:02+01:00', until: '2026-03-04T14:30:03.000Z' }, ['b']],
  ] as [EventSearchQuery, string[]][])('filters what the queues hold by %j', async (query, ids) => {
    const house = new House({ live: [job('a', 1), job('b', 2), job('c', 3)] });
    expect(idsOf(await house.find(query))).toEqual(ids);
    expect(house.filters).toMatchObject([query]);
  });

  it.each(['queued', 'processing', 'waiting', 'failed'] as const)(
    'asks no warehouse for what is %s',
    async (status) => {
      const house = new House({ live: [job('a', 1, { state: status })], stored: [row('b', 2)] });
      expect(await house.find({ status })).toMatchObject({ items: [{ eventId: 'a' }], source: ['queues'] });
      expect([house.states, house.filters]).toEqual([[[status]], []]);
    },
  );

  it('knows what is processed by what no queue holds any more', async () => {
    const house = new House({ live: [job('a', 1)], stored: [row('a', 1), row('b', 2)] });
    expect(idsOf(await house.find({ status: 'processed' }))).toEqual(['b']);
  });

  it('asks Snowflake, which bills it, only where it is told to', async () => {
    const house = new House({ live: [job('a', 1)], stored: [row('b', 2)], environment: SNOWFLAKE });
    const cheap = await house.find();
    expect([idsOf(cheap), cheap.source, house.filters]).toEqual([['a'], ['queues'], []]);
    expect(cheap.note).toContain('source=warehouse');
    const asked = await house.find({ source: 'warehouse' });
    expect([idsOf(asked), asked.source, asked.note]).toEqual([['b', 'a'], ['queues', 'warehouse'], null]);
  });

  it('shows what Redis holds, and says so, while the warehouse does not answer', async () => {
    const failure = new AppError('WAREHOUSE.UNAVAILABLE', 'gone', 'backoff');
    const house = new House({ live: [job('a', 1)], arriving: [row('b', 2)], failure });
    const found = await house.find();
    expect([idsOf(found), found.source]).toEqual([['b', 'a'], ['queues']]);
    expect(found.note).toBe('The warehouse does not answer (WAREHOUSE.UNAVAILABLE): only what Redis holds.');
    expect(house.warnings).toEqual([{ code: 'WAREHOUSE.UNAVAILABLE', reason: 'gone' }]);
  });

  it('says that a queue holds more than it has looked at', async () => {
    const house = new House({ live: [job('a', 1)], isComplete: false });
    expect((await house.find()).note).toContain('GET /admin/dead-letters');
  });

  it('goes through all events page by page, each once, though a queue is not paged', async () => {
    const all = [1, 2, 3, 4, 5, 6, 7].map((second) => job(`e${second}`, second % 3));
    const house = new House({ live: all });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await house.find({ cursor }, 2);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...idsOf(page));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['e5', 'e2', 'e7', 'e4', 'e1', 'e6', 'e3']);
  });

  it("leaves what is older than the warehouse's page to the next one, so that nothing is left out", async () => {
    const house = new House({
      live: [job('new', 9), job('old', 1)],
      stored: [row('b', 5), row('a', 4)],
      nextCursor: 'of the warehouse',
    });
    const page = await house.find({}, 4);
    expect(idsOf(page)).toEqual(['new', 'b', 'a']);
    expect(page.nextCursor).not.toBeNull();
    const rest = new House({ live: [job('new', 9), job('old', 1)] });
    expect(idsOf(await rest.find({ cursor: page.nextCursor ?? '' }, 4))).toEqual(['old']);
  });

  it('refuses a cursor that is none', async () => {
    await expect(new House({}).find({ cursor: 'x' })).rejects.toMatchObject({
      code: 'REQUEST.INVALID_CURSOR',
    });
  });
});
