import type { PinoLogger } from 'nestjs-pino';
import type { Connection, ConnectionOptions } from 'snowflake-sdk';
import { quietSnowflakeSdk } from '../../config/library-environment.js';

/** What of snowflake-sdk is used. */
export interface SnowflakeDriver {
  createConnection(options: ConnectionOptions): Connection;
}

let loading: Promise<SnowflakeDriver> | undefined;

/**
 * Loads snowflake-sdk, once and only where it is needed: it costs half a second and 58 MB. It writes to our
 * log; left alone it would write `snowflake.log` into the working directory.
 */
export function loadSnowflakeDriver(logger: PinoLogger): Promise<SnowflakeDriver> {
  loading ??= load(logger);
  return loading;
}

async function load(logger: PinoLogger): Promise<SnowflakeDriver> {
  quietSnowflakeSdk();
  const { default: sdk } = await import('snowflake-sdk');
  // One level lower than it says: each failed statement is reported by whoever ran it, and here its text may
  // come with a piece of a row.
  const say = (level: 'debug' | 'trace') => (text: string) => {
    logger[level]({ driver: text }, 'snowflake.driver');
  };
  sdk.configure({
    logLevel: 'WARN',
    additionalLogToConsole: false,
    customLogger: {
      error: say('debug'),
      warn: say('debug'),
      info: say('trace'),
      debug: say('trace'),
      trace: say('trace'),
    },
  });
  return sdk;
}
