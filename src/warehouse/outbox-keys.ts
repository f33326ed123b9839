import { KEY_PREFIX } from '../contracts/queues.js';
import type { TableName } from '../contracts/tables.js';

/** Hash: bytes that wait, by table. */
export const BYTES_KEY = `${KEY_PREFIX}:outbox:bytes`;
/** Hash: refused rows, by `<table>|<code>`. */
export const REFUSED_COUNTS_KEY = `${KEY_PREFIX}:outbox-refused:counts`;

/** Stream: rows that wait for the warehouse. */
export function outboxKey(table: TableName): string {
  return `${KEY_PREFIX}:outbox:${table}`;
}

/** Stream: rows that the warehouse refused. */
export function refusedKey(table: TableName): string {
  return `${KEY_PREFIX}:outbox-refused:${table}`;
}

/** Text: the token of the loader that has the table. */
export function leaseKey(name: string): string {
  return `${KEY_PREFIX}:warehouse-lease:${name}`;
}
