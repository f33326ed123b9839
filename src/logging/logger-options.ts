import pino from 'pino';
import type { Params } from 'nestjs-pino';

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

/** pino writes at most 16 KiB at once; a little less fits. */
const BUFFERED_CHARACTERS = 16_000;

/**
 * pino with a buffered destination: synchronous logging was a large part of the cost of a webhook
 * (measured: 75 µs a request). The buffer is written when it is full, every second, and at exit.
 */
export function loggerParams(level: string): Params {
  const stream = pino.destination({ sync: false, minLength: BUFFERED_CHARACTERS, periodicFlush: 1000 });
  const logger = pino(
    { level, redact: REDACTED_PATHS, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  );
  return { pinoHttp: { logger, autoLogging: false, quietReqLogger: true }, forRoutes: [] };
}
