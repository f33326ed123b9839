import { Inject } from '@nestjs/common';
import type { QueueName } from '../contracts/jobs.js';

/** The token of the handle of a queue. */
export function queueHandle(name: QueueName): string {
  return `QueueHandle:${name}`;
}

/**
 * A BullMQ `Queue` to look into or add to: its commands answer or fail within seconds. `@InjectQueue` of
 * @nestjs/bullmq would share the options of the workers, which wait for a Redis that is silent.
 */
export function InjectQueue(name: QueueName): ParameterDecorator {
  return Inject(queueHandle(name));
}
