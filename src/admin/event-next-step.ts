import type { ArrivingRows } from '../contracts/ports/arriving-rows.port.js';
import type { LiveEvent } from '../contracts/ports/live-events.port.js';
import type { RefusedRow } from '../contracts/ports/refused-rows.port.js';
import type { EventStatus } from './event.queries.js';
import type { TimelineEntry } from './event-timeline.entries.js';

export interface Situation {
  readonly eventId: string;
  readonly status: EventStatus;
  readonly jobs: readonly LiveEvent[];
  readonly rowsOnTheirWay: ArrivingRows['rows'];
  readonly refusedRows: readonly Pick<RefusedRow, 'id' | 'table' | 'code'>[];
  readonly timeline: readonly TimelineEntry[];
  readonly pausedQueues: readonly string[];
}

/** What an operator should do about an event, in one sentence. */
export function nextStep(situation: Situation): string {
  const { status, jobs } = situation;
  const job = jobs.find(({ state }) => state === status);
  switch (status) {
    case 'failed':
      return afterFailure(job);
    case 'waiting':
      return whileWaiting(situation, job);
    case 'queued':
      return whileQueued(situation, job);
    case 'processing':
      return 'A worker has it now: ask again in some seconds.';
    case 'processed':
      return afterWork(situation);
  }
}

function whileWaiting(situation: Situation, job: LiveEvent | undefined): string {
  return `Nothing to do: it goes on by itself at ${job?.dueAt ?? 'its time'}${reasonOf(situation)}.`;
}

function whileQueued({ pausedQueues }: Situation, job: LiveEvent | undefined): string {
  const queue = job?.queue ?? '';
  if (pausedQueues.includes(queue)) {
    return `Its queue is paused: POST /admin/queues/${queue}/resume lets it go on.`;
  }
  return 'It waits for a free worker: if it stays here, see GET /health for the queues and whether a worker runs.';
}

function afterFailure(job: LiveEvent | undefined): string {
  const { code = 'OTHER', stage = null } = job?.failure ?? {};
  const where = stage === null ? '' : ` at stage ${stage}`;
  return `It failed with ${code}${where}: mend the cause, then POST /admin/dead-letters/${job?.deadLetterId ?? ''}/replay.`;
}

function reasonOf({ timeline }: Situation): string {
  const wait = timeline.at(-1)?.wait ?? null;
  return wait === null ? '' : ` (${wait})`;
}

function afterWork({ rowsOnTheirWay, refusedRows, timeline }: Situation): string {
  const [refused] = refusedRows;
  if (refused !== undefined) {
    return `The warehouse refused its row for ${refused.table} (${refused.code}): mend the cause, then replay the row among the dead letters of the warehouse.`;
  }
  const tables = Object.keys(rowsOnTheirWay);
  if (tables.length > 0) {
    return `Its rows for ${tables.join(', ')} wait for the warehouse: if they stay, see GET /health for the warehouse.`;
  }
  const last = timeline.at(-1);
  if (last?.status === 'failed' && last.stage === 'assign') {
    return `Its task was not written into the CRM (${last.error?.code ?? 'no code'}): mend the cause, then replay it among GET /admin/dead-letters?source=crm-tasks.`;
  }
  if (last?.status === 'failed') {
    return 'Its last stage failed and no job is left, so its dead letter was discarded: POST /admin/replays runs it again from the archive.';
  }
  return 'Nothing to do: it is processed.';
}
