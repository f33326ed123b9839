import pino from 'pino';
import type { Params } from 'nestjs-pino';
import { LineBuffer } from './line-buffer.js';

/** Where secrets and bodies could slip into a log line by accident. */
const REDACTED_PATHS = [
  'authorization',
  'password',
  'token',
  'body',
  '*.authorization',
  '*.password',
  '*.token',
  '*.body',
  'req.headers.authorization',
  'req.headers.cookie',
];

/** pino, which writes in pieces: synchronous logging was a large part of the cost of a webhook (measured: 75 µs). */
export function loggerParams(level: string): Params {
  const lines = new LineBuffer(pino.destination({ sync: false }));
  const logger = pino(
    { level, redact: REDACTED_PATHS, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    lines,
  );
  return { pinoHttp: { logger, autoLogging: false, quietReqLogger: true }, forRoutes: [] };
}
