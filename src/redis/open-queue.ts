import { Queue, type QueueOptions } from 'bullmq';
import { KEY_PREFIX } from '../contracts/queues.js';

/**
 * A handle of a queue, to add to and to look into. It asks Redis nothing while it is made: BullMQ would ask for the version
 * while the whole service is being made, and a handle is lost for good if the answer is late. The workers ask.
 */
export function openQueue<T = unknown>(
  name: string,
  connection: QueueOptions['connection'],
  more: Pick<QueueOptions, 'streams'> = {},
): Queue<T> {
  const queue = new Queue<T>(name, { connection, prefix: KEY_PREFIX, skipVersionCheck: true, ...more });
  // Reconnecting is BullMQ's work, and who is refused a command is told so.
  queue.on('error', () => undefined);
  return queue;
}
