import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { AppError } from '../contracts/errors.js';
import { failureText } from '../contracts/failure-text.js';

/** Whether no further attempt follows this error: the job becomes a dead letter. */
export function isLastAttempt({ retry }: AppError, job: Job): boolean {
  if (typeof retry === 'object') return false;
  return retry === 'never' || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

/** Puts a job aside without using up an attempt: waiting is not failing. Throws what BullMQ wants to see then. */
export async function putAside(job: Job, afterMs: number, token?: string): Promise<never> {
  await job.moveToDelayed(Date.now() + afterMs, token);
  throw new DelayedError();
}

/**
 * Makes an error's retry policy BullMQ's.
 * @param stage where it happened, if there are stages: what is kept of a failure is text.
 */
export async function actOnPolicy(
  error: AppError,
  stage: string | null,
  job: Job,
  token?: string,
): Promise<never> {
  const { code, message, retry } = error;
  if (typeof retry === 'object') return putAside(job, retry.afterMs, token);
  const text = failureText({ code, stage, message });
  if (retry === 'never') throw new UnrecoverableError(text);
  throw new Error(text, { cause: error });
}

/**
 * A job we do not know, or of a release we do not know, goes to the dead letters; it is never skipped.
 * @throws AppError `JOB.UNKNOWN`
 */
export function refuseUnknownJob(job: Job<{ readonly schemaVersion: number }>, known: string): void {
  const { schemaVersion } = job.data;
  if (job.name === known && schemaVersion === 1) return;
  throw new AppError(
    'JOB.UNKNOWN',
    `no handler for job ${job.name} with schema version ${String(schemaVersion)}`,
  );
}
