import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'snowflake-sdk';
import type { AppConfig } from '../../config/app-config.js';
import { privateKeyFrom } from '../../config/private-key.js';

/** One HTTP request may take so long; Snowflake answers "in progress" after about 45 s. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * The options of one login. Made anew for each: the driver writes into them, and a token from a file may have
 * been replaced.
 * @param role instead of the configured one.
 */
export function loginOptions(config: AppConfig, role = config.SNOWFLAKE_ROLE): ConnectionOptions {
  return {
    account: config.SNOWFLAKE_ACCOUNT ?? '',
    username: config.SNOWFLAKE_USER ?? '',
    database: config.SNOWFLAKE_DATABASE ?? '',
    schema: config.SNOWFLAKE_SCHEMA ?? '',
    warehouse: config.SNOWFLAKE_WAREHOUSE ?? '',
    ...(role !== undefined && { role }),
    ...(config.SNOWFLAKE_ACCESS_URL !== undefined && { accessUrl: config.SNOWFLAKE_ACCESS_URL }),
    application: 'tributary',
    timeout: REQUEST_TIMEOUT_MS,
    // Whoever waits for a session has a deadline of its own, and comes again.
    sfRetryMaxLoginRetries: 1,
    clientSessionKeepAlive: false,
    ...credentials(config),
  };
}

function credentials(config: AppConfig): Partial<ConnectionOptions> {
  const { SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE, SNOWFLAKE_PASSWORD } = config;
  if (SNOWFLAKE_PRIVATE_KEY !== undefined) {
    const key = privateKeyFrom(SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE);
    return {
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }
  if (SNOWFLAKE_PASSWORD !== undefined) return { authenticator: 'SNOWFLAKE', password: SNOWFLAKE_PASSWORD };
  const authenticator = config.SNOWFLAKE_TOKEN_TYPE === 'oauth' ? 'OAUTH' : 'PROGRAMMATIC_ACCESS_TOKEN';
  return { authenticator, token: currentToken(config) };
}

function currentToken(config: AppConfig): string {
  const file = config.files.get('SNOWFLAKE_TOKEN');
  return file === undefined ? (config.SNOWFLAKE_TOKEN ?? '') : readFileSync(file, 'utf8').trim();
}
