import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { codeOfStatus, type Problem, titleOfStatus } from '../contracts/problems.js';

/** What Node gives up on before there is a request. */
export interface ClientError extends Error {
  readonly code: string;
}

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what is no HTTP, comes too slowly, or has too long a head; the connection is of no use after that. */
export function answerClientError({ code: reason }: ClientError, socket: Socket): void {
  if (reason !== 'ECONNRESET' && socket.writable) {
    const status = STATUS_OF_ERROR[reason] ?? 400;
    const title = titleOfStatus(status);
    const correlationId = randomUUID();
    const code = codeOfStatus(status);
    const problem: Problem = {
      type: 'about:blank',
      title,
      status,
      code,
      detail: title.toLowerCase(),
      correlationId,
    };
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${status} ${title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-correlation-id: ${correlationId}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
