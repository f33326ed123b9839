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
  /** False where the warehouse did not answer. */
  readonly isWarehouseRead: boolean;
}

/** What an operator should do about an event: one sentence each, the most pressing first. */
export function nextSteps(situation: Situation): readonly string[] {
  const refused = situation.refusedRows.map(afterRefusal);
  // A processed event has nothing more pressing.
  if (situation.status === 'processed' && refused.length > 0) return refused;
  return [nextStep(situation), ...refused];
}

function afterRefusal({ id, table, code }: Situation['refusedRows'][number]): string {
  return `The warehouse refused its row for ${table} (${code}): mend the cause, then POST /admin/dead-letters/warehouse.${id}/replay.`;
}

function nextStep(situation: Situation): string {
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
  const when = `it goes on by itself at ${job?.dueAt ?? 'its time'}${reasonOf(situation)}.`;
  const paused = whilePaused(situation, job);
  return paused === null ? `Nothing to do: ${when}` : `${paused} Then ${when}`;
}

function whileQueued(situation: Situation, job: LiveEvent | undefined): string {
  return (
    whilePaused(situation, job) ??
    'It waits for a free worker: if it stays here, see GET /health for the queues and whether a worker runs.'
  );
}

function whilePaused({ pausedQueues }: Situation, job: LiveEvent | undefined): string | null {
  const queue = job?.queue ?? '';
  if (!pausedQueues.includes(queue)) return null;
  return `Its queue is paused: POST /admin/queues/${queue}/resume lets it go on.`;
}

function afterFailure(job: LiveEvent | undefined): string {
  const { code = 'OTHER', stage = null } = job?.failure ?? {};
  const where = stage === null ? '' : ` at stage ${stage}`;
  return `It failed with ${code}${where}: mend the cause, then POST /admin/dead-letters/${job?.deadLetterId ?? ''}/replay.`;
}

/** Stages after the one that waits have gone on with what there was. */
function reasonOf({ timeline }: Situation): string {
  const waiting = timeline.findLast(({ wait }) => wait !== null);
  if (waiting === undefined) return '';
  const reason = waiting.details?.reason;
  return ` (${waiting.wait ?? ''}${typeof reason === 'string' ? `: ${reason}` : ''})`;
}

function afterWork(situation: Situation): string {
  const { rowsOnTheirWay, timeline, isWarehouseRead } = situation;
  const tables = Object.keys(rowsOnTheirWay);
  if (tables.length > 0) return whileRowsWait(tables, isWarehouseRead);
  if (!isWarehouseRead) {
    return 'The warehouse does not answer, so whether all its rows are there is not known: see GET /health, and ask again.';
  }
  const last = timeline.at(-1);
  if (last?.status === 'failed' && last.stage === 'assign') {
    return `Its task was not written into the CRM (${last.error?.code ?? 'no code'}): mend the cause, then replay it among GET /admin/dead-letters?source=crm-tasks.`;
  }
  if (last?.status === 'failed') {
    return 'Its last stage failed and no job is left, so its dead letter was discarded: POST /admin/replays runs it again from the archive.';
  }
  return `Nothing to do: it is processed${withoutWhat(timeline)}.`;
}

function whileRowsWait(tables: readonly string[], isWarehouseRead: boolean): string {
  const what = `Its rows for ${tables.join(', ')} wait for the warehouse`;
  return isWarehouseRead
    ? `${what}: if they stay, see GET /health for the warehouse.`
    : `${what}, which does not answer: nothing is lost, and they are written when it is back; see GET /health for why.`;
}

/** What the vendor was not asked for, or had not: a row without it is no mistake, and somebody may look for it. */
function withoutWhat(timeline: readonly TimelineEntry[]): string {
  const enriched = timeline.findLast(({ stage }) => stage === 'enrich');
  const reason = enriched?.details?.reason;
  return typeof reason === 'string' ? `, without what its vendor's API would add: ${reason}` : '';
}
