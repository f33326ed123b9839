import { createHash } from 'node:crypto';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { deduplicationIdOf } from '../../../src/contracts/event.js';
import { waitFor } from '../../support/wait-for.js';

const PREFIX = '{tributary}';
const CHUNK = 1_000;

/**
 * Queues as after a bad day: so many events each that wait for a worker, that wait for Gong, and that are dead
 * letters. Finished jobs are not kept, so these are all that Redis holds of events. Both queues are paused, so that
 * it stays so.
 */
export async function fillQueues(redisUrl: string, each: number): Promise<void> {
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const events = new Queue('events', { connection, prefix: PREFIX });
  const enrichment = new Queue('enrichment', { connection, prefix: PREFIX });
  const refuse = () =>
    Promise.reject(new UnrecoverableError('PAYLOAD.NOT_UNDERSTOOD [enrich]: names no call'));
  const worker = new Worker('events', refuse, { connection, prefix: PREFIX, concurrency: 50 });
  try {
    await add(events, 'failed', each);
    await waitFor('all to have failed', async () => (await events.getFailedCount()) === each, {
      timeoutMs: 120_000,
    });
    await worker.close();
    await events.pause();
    await enrichment.pause();
    await add(events, 'waiting', each);
    await add(enrichment, 'delayed', each, { delay: 86_400_000 });
  } finally {
    await worker.close();
    await events.close();
    await enrichment.close();
  }
}

async function add(queue: Queue, name: string, count: number, opts: object = {}): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, count - from) }, (_job, index) => {
      const number = `${name}-${from + index}`;
      const data = event(number);
      // As the front door queues it; what goes on in the other queue goes without.
      const deduplication = { id: deduplicationIdOf(data.eventId), ttl: 3_600_000 };
      const isAdmitted = queue.name === 'events';
      return {
        name: 'process-event',
        data,
        opts: { jobId: number, ...opts, ...(isAdmitted && { deduplication }) },
      };
    });
    await queue.addBulk(chunk);
  }
}

/** As the front door queues a call; about 1.5 KB. */
function event(number: string) {
  const eventId = createHash('sha256').update(number).digest('hex');
  return {
    schemaVersion: 1,
    eventId,
    changeId: `call:${number}`,
    vendor: 'gong',
    kind: 'call',
    objectId: number,
    body: JSON.stringify({ callData: { metaData: { id: number, title: 'x'.repeat(1_000) } } }),
    headers: { 'user-agent': 'Gong', authorization: '[redacted]' },
    signingKeyId: '0123456789abcdef',
    correlationId: `correlation-${number}`,
    receivedAt: new Date(Date.now() - 3_600_000).toISOString(),
  };
}
