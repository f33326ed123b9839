import { generateKeyPairSync } from 'node:crypto';
import {
  SnowflakeEmulator,
  type SnowflakeEmulatorOptions,
} from '../simulators/snowflake/snowflake-emulator.js';

const PASSPHRASE = 'a passphrase for tests';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC_KEY = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const ENCRYPTED_KEY = pair.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
  .toString();
const PLAIN_KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const PLACE = 'TRIBUTARY.EVENTS';

/** An emulated account with the roles of config/deploy/snowflake, and the users of a deployment. */
export const ACCOUNT = {
  password: 'a password for tests',
  accessToken: 'a-programmatic-access-token',
  oauthToken: 'an-oauth-token',
  encryptedKey: ENCRYPTED_KEY,
  plainKey: PLAIN_KEY,
  passphrase: PASSPHRASE,
};

export function startAccount(
  options: Partial<Omit<SnowflakeEmulatorOptions, 'users' | 'places'>> = {},
): Promise<SnowflakeEmulator> {
  return SnowflakeEmulator.start({
    places: [PLACE],
    users: [
      {
        name: 'TRIBUTARY_SERVICE',
        publicKey: PUBLIC_KEY,
        password: ACCOUNT.password,
        accessToken: ACCOUNT.accessToken,
        oauthToken: ACCOUNT.oauthToken,
        roles: {
          TRIBUTARY_LOADER: ['select', 'insert', 'merge', 'delete ROW_PARTS'],
          TRIBUTARY_PURGER: ['select', 'update', 'delete'],
        },
      },
      { name: 'TRIBUTARY_MIGRATOR', publicKey: PUBLIC_KEY, roles: { TRIBUTARY_OWNER: 'everything' } },
    ],
    ...options,
  });
}

/** What the service is configured with to use the emulated account. */
export function snowflakeEnvironment(emulator: SnowflakeEmulator): Record<string, string> {
  return {
    WAREHOUSE: 'snowflake',
    SNOWFLAKE_ACCOUNT: 'emulated',
    SNOWFLAKE_ACCESS_URL: emulator.url,
    SNOWFLAKE_USER: 'TRIBUTARY_SERVICE',
    SNOWFLAKE_PRIVATE_KEY: ENCRYPTED_KEY,
    SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: PASSPHRASE,
    SNOWFLAKE_ROLE: 'TRIBUTARY_LOADER',
    SNOWFLAKE_PURGER_ROLE: 'TRIBUTARY_PURGER',
    SNOWFLAKE_WAREHOUSE: 'TRIBUTARY_WH',
    SNOWFLAKE_DATABASE: 'TRIBUTARY',
    SNOWFLAKE_SCHEMA: 'EVENTS',
  };
}

/** The same for `npm run migrate`. */
export function migratorEnvironment(emulator: SnowflakeEmulator): Record<string, string> {
  return {
    ...snowflakeEnvironment(emulator),
    SNOWFLAKE_USER: 'TRIBUTARY_MIGRATOR',
    SNOWFLAKE_ROLE: 'TRIBUTARY_OWNER',
  };
}
