import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import { type AccountSyncJob, SYNC_ACCOUNT } from '../contracts/jobs.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';
import type { Notifier } from '../contracts/ports/notifier.port.js';
import type { Outbox } from '../contracts/ports/outbox.port.js';
import { AccountSyncProcessor } from './account-sync.processor.js';
import type { AccountSyncRunner } from './account-sync.runner.js';
import type { AccountSyncState } from './account-sync.state.js';

const CAUSE: SyncCause = {
  ...{ eventId: 'e1', correlationId: 'c1', vendor: 'zoho', kind: 'record', force: false },
  receivedAt: '2026-03-04T10:00:00.000Z',
};

interface Situation {
  readonly outcome?: AppError | Error | { readonly type: string; readonly afterMs?: number };
  readonly attemptsMade?: number;
  readonly causes?: readonly SyncCause[];
  readonly name?: string;
}

/** Runs one sync that ends so, of three attempts; notes who was told what. */
async function sync({ outcome = { type: 'done' }, attemptsMade = 0, causes = [CAUSE], name }: Situation) {
  const told = { failures: [] as object[], rows: [] as unknown[], messages: [] as object[], delays: 0 };
  const active = new Gauge({ name: 'g', help: 'g', labelNames: ['queue'], registers: [] });
  const processor = new AccountSyncProcessor(
    {
      run: () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)),
    } as unknown as AccountSyncRunner,
    {
      noteFailure: (_id: string, failure: object) => Promise.resolve(told.failures.push(failure)),
      causes: () => Promise.resolve(causes),
    } as unknown as AccountSyncState,
    loadConfig({}),
    { append: (rows: unknown[]) => Promise.resolve(told.rows.push(...rows)) } as unknown as Outbox,
    { publish: (draft: object) => Promise.resolve(told.messages.push(draft)) } as unknown as Notifier,
    active,
    { warn: () => undefined } as unknown as PinoLogger,
  );
  const job = {
    ...{ id: 'j1', name: name ?? SYNC_ACCOUNT, attemptsMade, opts: { attempts: 3 } },
    data: { schemaVersion: 1, accountId: '7' },
    moveToDelayed: () => Promise.resolve((told.delays += 1)),
  };
  const thrown = await processor
    .handle(job as unknown as Job<AccountSyncJob>)
    .catch((error: unknown) => error);
  const { values } = await active.get();
  return { ...told, thrown, running: values.map(({ value }) => value) };
}

describe('the sync of an account', () => {
  it('ends when it is done', async () => {
    expect(await sync({})).toEqual({
      ...{ failures: [], rows: [], messages: [], delays: 0, thrown: undefined, running: [0] },
    });
  });

  it('that must come later is put aside, and is no failure', async () => {
    const { thrown, failures, delays, running } = await sync({ outcome: { type: 'later', afterMs: 5 } });
    expect(thrown).toBeInstanceOf(DelayedError);
    expect([failures, delays, running]).toEqual([[], 1, [0]]);
  });

  it.each([
    ['is limited', new AppError('ZOHO.RATE_LIMITED', 'wait', { afterMs: 5 }), 2, 'DelayedError'],
    ['has failed, with attempts left', new AppError('MEMORY.UNAVAILABLE', 'gone', 'backoff'), 1, 'Error'],
    ['has failed unforeseen, with attempts left', new TypeError('odd'), 0, 'Error'],
  ] as const)('that %s tells nobody yet', async (_what, outcome, attemptsMade, error) => {
    const { thrown, failures, rows, messages, running } = await sync({ outcome, attemptsMade });
    expect((thrown as Error).constructor.name).toBe(error);
    expect(failures).toHaveLength(1);
    expect([rows, messages, running]).toEqual([[], [], [0]]);
  });

  it.each([
    ['at its last attempt', new AppError('MEMORY.UNAVAILABLE', 'gone', 'backoff'), 2],
    ['for good', new AppError('ZOHO.FORBIDDEN', 'no scope'), 0],
  ])(
    'that fails %s is told once to agents, and noted with each event that caused it',
    async (_when, outcome, attemptsMade) => {
      const causes = [CAUSE, { ...CAUSE, eventId: 'e2' }];
      const { rows, messages, failures } = await sync({ outcome, attemptsMade, causes });
      expect(rows).toMatchObject(
        ['e1', 'e2'].map((eventId) => ({
          table: 'WEBHOOK_PROCESSING_HISTORY',
          values: {
            EVENT_ID: eventId,
            STATUS: 'failed',
            ERROR_CODE: outcome.code,
            ATTEMPT: attemptsMade + 1,
          },
        })),
      );
      expect(messages).toMatchObject([{ message: { eventId: 'e1', error: { code: outcome.code } } }]);
      expect(failures).toMatchObject([{ code: outcome.code, message: outcome.message }]);
    },
  );

  it('that fails for good without a cause tells nobody, for it is about no event', async () => {
    const { thrown, rows, messages } = await sync({
      outcome: new AppError('ZOHO.FORBIDDEN', 'no'),
      causes: [],
    });
    expect(thrown).toBeInstanceOf(UnrecoverableError);
    expect([rows, messages]).toEqual([[], []]);
  });

  it('of another release is a dead letter', async () => {
    const { thrown } = await sync({ name: 'sync-everything' });
    expect(thrown).toBeInstanceOf(UnrecoverableError);
    expect((thrown as Error).message).toContain('JOB.UNKNOWN');
  });
});
