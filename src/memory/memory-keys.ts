import { KEY_PREFIX } from '../contracts/queues.js';

/** Prefix of all that the memories keep in Redis. */
export const MEMORY_KEY = `${KEY_PREFIX}:memory`;
