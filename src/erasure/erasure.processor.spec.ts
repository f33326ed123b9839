import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import { ERASE_PERSON, type ErasureJob } from '../contracts/jobs.js';
import { ErasureProcessor } from './erasure.processor.js';
import type { ErasureRunner } from './erasure.runner.js';
import type { ErasureState } from './erasure.state.js';

/** Runs one job whose work ends so; notes what was kept of its failure, and until when it was put aside. */
async function process(failure?: Error, name = ERASE_PERSON) {
  const problems: unknown[] = [];
  const warnings: object[] = [];
  const putAsideMs: number[] = [];
  const runner = {
    run: () => (failure === undefined ? Promise.resolve() : Promise.reject(failure)),
  };
  const state = {
    noteProblem: (id: string, problem: object) => Promise.resolve(problems.push([id, problem])),
  };
  const processor = new ErasureProcessor(
    runner as unknown as ErasureRunner,
    state as unknown as ErasureState,
    loadConfig({}),
    { warn: (fields: object) => warnings.push(fields) } as unknown as PinoLogger,
  );
  const before = Date.now();
  const moveToDelayed = (atMs: number) => Promise.resolve(putAsideMs.push(atMs - before));
  const job = { name, data: { schemaVersion: 1, erasureId: 'e1' }, moveToDelayed };
  const thrown = await processor
    .handle(job as unknown as Job<ErasureJob>, 'token')
    .catch((error: unknown) => error);
  return { thrown, problems, warnings, waitMs: putAsideMs[0] };
}

describe('an erasure', () => {
  it('ends when its work is done', async () => {
    expect(await process()).toEqual({ thrown: undefined, problems: [], warnings: [], waitMs: undefined });
  });

  it('that cannot be done now waits as long as it was told, and says why', async () => {
    const { thrown, problems, waitMs } = await process(
      new AppError('ERASURE.BUSY', 'in use', { afterMs: 5_000 }),
    );
    expect(thrown).toBeInstanceOf(DelayedError);
    expect(problems).toEqual([['e1', { code: 'ERASURE.BUSY', message: 'in use' }]]);
    expect(waitMs).toBeGreaterThanOrEqual(5_000);
    expect(waitMs).toBeLessThan(30_000);
  });

  it.each(['never', 'backoff'] as const)(
    'never gives up, also where the policy of the error is %s',
    async (retry) => {
      const { thrown, waitMs } = await process(new AppError('WAREHOUSE.MISCONFIGURED', 'no schema', retry));
      expect(thrown).toBeInstanceOf(DelayedError);
      expect(waitMs).toBeGreaterThanOrEqual(30_000);
    },
  );

  it('keeps nothing of an error that nobody foresaw: it may name the person', async () => {
    const { problems, warnings, thrown } = await process(new Error('dana@contoso.example is odd'));
    expect(thrown).toBeInstanceOf(DelayedError);
    expect(problems).toEqual([['e1', { code: 'STAGE.FAILED', message: 'an unexpected error' }]]);
    expect(JSON.stringify(warnings)).not.toContain('dana');
  });

  it('of another release is a dead letter, and is not begun', async () => {
    const { thrown, problems, waitMs } = await process(new Error('was begun'), 'erase-company');
    expect(thrown).toBeInstanceOf(UnrecoverableError);
    expect((thrown as Error).message).toContain('JOB.UNKNOWN');
    expect([problems, waitMs]).toEqual([[], undefined]);
  });
});
