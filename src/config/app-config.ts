import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { Setting } from './setting.decorator.js';
import {
  IsChannelToken,
  IsPrivateKey,
  IsRedisUrl,
  IsSecret,
  IsSpkiPublicKey,
  NeedsAnyOf,
} from './validators.js';

const URL_OPTIONS = { require_tld: false, protocols: ['http', 'https'], require_protocol: true };

/** Snowflake bills each started minute of a warehouse, so it is flushed less often than a file. */
export const SNOWFLAKE_FLUSH_SECONDS = 5;

const NEEDED_FOR_SNOWFLAKE = { message: 'is needed with WAREHOUSE=snowflake' };

function usesSnowflake({ WAREHOUSE }: AppConfig): boolean {
  return WAREHOUSE === 'snowflake';
}

/**
 * Every variable the service reads, with its default. Values come from the environment only
 * (load-config.ts); the property's type decides how a text is read (numbers, booleans, comma lists).
 * `config/default.env` and the README's table are checked against this class by a test.
 */
export class AppConfig {
  @Setting({ group: 'process', text: 'Which part runs here: all, api or worker. DuckDB allows all only' })
  @IsIn(['all', 'api', 'worker'])
  ROLE: 'all' | 'api' | 'worker' = 'all';

  @Setting({ group: 'process', text: 'Port of the HTTP server; 0 picks a free one' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 3000;

  @Setting({ group: 'process', text: 'Address the HTTP server binds to' })
  @IsString()
  HOST = '0.0.0.0';

  @Setting({ group: 'process', text: 'trace, debug, info, warn, error or silent' })
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL = 'info';

  @Setting({ group: 'process', text: 'Seconds a stopping service may take to finish its work' })
  @IsInt()
  @Min(1)
  SHUTDOWN_TIMEOUT_SECONDS = 30;

  @Setting({ group: 'process', text: 'Folder of the embedded parts: DuckDB file, embedded Redis' })
  @IsString()
  DATA_DIR = './data';

  @Setting({ group: 'intake', text: 'false: webhook routes answer 503 + Retry-After, everything else runs' })
  @IsBoolean()
  WEBHOOK_ENABLED = true;

  @Setting({ group: 'intake', text: 'Public address of this service, as the vendors know it' })
  @IsOptional()
  @IsUrl(URL_OPTIONS)
  WEBHOOK_BASE_URL?: string = undefined;

  @Setting({ group: 'intake', text: 'Seconds during which a repeated event is answered as a duplicate' })
  @IsInt()
  @Min(1)
  WEBHOOK_EVENT_TTL = 3600;

  @Setting({
    group: 'intake',
    text: 'Events waiting or active beyond which webhooks get 503; delayed work never counts',
  })
  @IsInt()
  @Min(1)
  WEBHOOK_MAX_QUEUE_SIZE = 10_000;

  @Setting({ group: 'intake', text: 'Bytes of rows waiting for the warehouse beyond which webhooks get 503' })
  @IsInt()
  @Min(1)
  OUTBOX_MAX_BYTES = 1_073_741_824;

  @Setting({ group: 'intake', text: 'Largest webhook body in bytes' })
  @IsInt()
  @Min(1)
  WEBHOOK_MAX_BODY_BYTES = 5_242_880;

  @Setting({
    group: 'intake',
    text: 'HMAC secrets of Zoho senders (comma list, the first is current); WEBHOOK_SECRET is accepted too',
    secret: true,
  })
  @IsSecret({ each: true })
  WEBHOOK_SECRETS: string[] = [];

  @Setting({ group: 'intake', text: 'Seconds a signed timestamp may differ from our clock' })
  @IsInt()
  @Min(1)
  WEBHOOK_TIMESTAMP_TOLERANCE = 300;

  @Setting({
    group: 'intake',
    text: 'true: an HMAC must cover a timestamp, which alone limits how long it can be replayed',
  })
  @IsBoolean()
  WEBHOOK_REQUIRE_TIMESTAMP = false;

  @Setting({ group: 'intake', text: 'true behind a proxy that sets X-Forwarded-*' })
  @IsBoolean()
  TRUST_PROXY = false;

  @Setting({ group: 'processing', text: 'Times WEBHOOK_BATCH_SIZE = events processed at once per process' })
  @IsInt()
  @Min(1)
  @Max(100)
  WEBHOOK_NUM_WORKERS = 3;

  @Setting({ group: 'processing', text: 'Times WEBHOOK_NUM_WORKERS = events processed at once per process' })
  @IsInt()
  @Min(1)
  @Max(1000)
  WEBHOOK_BATCH_SIZE = 10;

  @Setting({ group: 'processing', text: 'Attempts in all before an event becomes a dead letter' })
  @IsInt()
  @Min(1)
  WEBHOOK_MAX_RETRIES = 3;

  @Setting({ group: 'processing', text: 'Seconds before the first retry; doubles each time' })
  @IsInt()
  @Min(1)
  WEBHOOK_RETRY_DELAY_BASE = 2;

  @Setting({ group: 'processing', text: 'Longest pause between two attempts in seconds' })
  @IsInt()
  @Min(1)
  WEBHOOK_RETRY_DELAY_MAX = 30;

  @Setting({
    group: 'redis',
    text: 'redis:// or rediss:// address; without it and REDIS_HOST Redis runs embedded',
    secret: true,
  })
  @IsOptional()
  @IsRedisUrl()
  REDIS_URL?: string = undefined;

  @Setting({ group: 'redis', text: 'Host, instead of REDIS_URL' })
  @IsOptional()
  @IsString()
  REDIS_HOST?: string = undefined;

  @Setting({ group: 'redis', text: 'Port, with REDIS_HOST' })
  @IsInt()
  @Min(1)
  @Max(65_535)
  REDIS_PORT = 6379;

  @Setting({ group: 'redis', text: 'Password, with REDIS_HOST', secret: true })
  @IsOptional()
  @IsString()
  REDIS_PASSWORD?: string = undefined;

  @Setting({ group: 'redis', text: 'Database number, with REDIS_HOST' })
  @IsInt()
  @Min(0)
  REDIS_DB = 0;

  @Setting({
    group: 'gong',
    text: "Public keys of Gong's rules (comma list: base64 SPKI or PEM); any of them verifies",
  })
  @IsSpkiPublicKey({ each: true })
  @ArrayMaxSize(50)
  GONG_WEBHOOK_PUBLIC_KEYS: string[] = [];

  @Setting({
    group: 'gong',
    text: 'Expected webhook_url claims (comma list); empty = made from WEBHOOK_BASE_URL',
  })
  @ValidateIf((config: AppConfig) => {
    const { GONG_WEBHOOK_URLS, GONG_WEBHOOK_PUBLIC_KEYS, GONG_WEBHOOK_SECRETS } = config;
    return [GONG_WEBHOOK_URLS, GONG_WEBHOOK_PUBLIC_KEYS, GONG_WEBHOOK_SECRETS].some(
      (list) => list.length > 0,
    );
  })
  @IsUrl(URL_OPTIONS, { each: true })
  @NeedsAnyOf(['GONG_WEBHOOK_URLS', 'WEBHOOK_BASE_URL'], ['GONG_WEBHOOK_PUBLIC_KEYS', 'GONG_WEBHOOK_SECRETS'])
  GONG_WEBHOOK_URLS: string[] = [];

  @Setting({
    group: 'gong',
    text: 'HS256 secrets of relays that sign as Gong does (comma list)',
    secret: true,
  })
  @IsSecret({ each: true })
  GONG_WEBHOOK_SECRETS: string[] = [];

  @Setting({
    group: 'gong',
    text: 'Keys that Gong may carry in the address as ?key= (comma list); empty = this mode is off',
    secret: true,
  })
  @IsSecret({ each: true })
  GONG_WEBHOOK_URL_KEYS: string[] = [];

  @Setting({ group: 'gong', text: 'true: calls marked private in Gong are analysed and shown like others' })
  @IsBoolean()
  GONG_INCLUDE_PRIVATE_CALLS = false;

  @Setting({
    group: 'zoho',
    text: 'Tokens of notification channels (comma list of channel:token; a channel may have several)',
    secret: true,
  })
  @IsChannelToken({ each: true })
  ZOHO_CHANNEL_TOKENS: string[] = [];

  @Setting({ group: 'zoho', text: 'Fields whose change is taken before other changes (comma list)' })
  @IsString({ each: true })
  ZOHO_CRITICAL_FIELDS: string[] = [
    'Account_Status',
    'Health_Score',
    'Owner',
    'Annual_Revenue',
    'Account_Type',
    'Industry',
  ];

  @Setting({ group: 'warehouse', text: 'Which warehouse: duckdb (embedded) or snowflake' })
  @IsIn(['duckdb', 'snowflake'])
  WAREHOUSE: 'duckdb' | 'snowflake' = 'duckdb';

  @Setting({ group: 'warehouse', text: 'The DuckDB file; empty = warehouse.duckdb in DATA_DIR' })
  @IsOptional()
  @IsString()
  DUCKDB_PATH?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'Snowflake account identifier, e.g. myorg-myaccount; needed with WAREHOUSE=snowflake',
  })
  @ValidateIf(usesSnowflake)
  @IsString(NEEDED_FOR_SNOWFLAKE)
  SNOWFLAKE_ACCOUNT?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Snowflake user; needed with WAREHOUSE=snowflake' })
  @ValidateIf(usesSnowflake)
  @IsString(NEEDED_FOR_SNOWFLAKE)
  SNOWFLAKE_USER?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'RSA private key of the user (PEM, or its base64 alone): key pair authentication, the recommended one',
    secret: true,
  })
  @IsOptional()
  @IsPrivateKey('SNOWFLAKE_PRIVATE_KEY_PASSPHRASE')
  SNOWFLAKE_PRIVATE_KEY?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Passphrase of SNOWFLAKE_PRIVATE_KEY, if encrypted', secret: true })
  @IsOptional()
  @IsString()
  SNOWFLAKE_PRIVATE_KEY_PASSPHRASE?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'Password, instead of a key; Snowflake is ending passwords without a second factor',
    secret: true,
  })
  @IsOptional()
  @IsString()
  SNOWFLAKE_PASSWORD?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'Token, instead of a key; from SNOWFLAKE_TOKEN_FILE it is read anew at each login, so it may rotate',
    secret: true,
  })
  @IsOptional()
  @IsString()
  SNOWFLAKE_TOKEN?: string = undefined;

  @Setting({ group: 'warehouse', text: 'What SNOWFLAKE_TOKEN is: pat (programmatic access token) or oauth' })
  @IsIn(['pat', 'oauth'])
  SNOWFLAKE_TOKEN_TYPE: 'pat' | 'oauth' = 'pat';

  @Setting({ group: 'warehouse', text: "Role of the service; empty = the user's default role" })
  @IsOptional()
  @IsString()
  SNOWFLAKE_ROLE?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'Role that deletes (retention, erasures); empty = SNOWFLAKE_ROLE, which then needs the rights',
  })
  @IsOptional()
  @IsString()
  SNOWFLAKE_PURGER_ROLE?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Virtual warehouse that runs the statements' })
  @ValidateIf(usesSnowflake)
  @IsString(NEEDED_FOR_SNOWFLAKE)
  SNOWFLAKE_WAREHOUSE?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Database of the tables' })
  @ValidateIf(usesSnowflake)
  @IsString(NEEDED_FOR_SNOWFLAKE)
  SNOWFLAKE_DATABASE?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Schema of the tables' })
  @ValidateIf(usesSnowflake)
  @IsString(NEEDED_FOR_SNOWFLAKE)
  SNOWFLAKE_SCHEMA?: string = undefined;

  @Setting({
    group: 'warehouse',
    text: 'Address of Snowflake, where the account does not say it (private link, proxy)',
  })
  @IsOptional()
  @IsUrl(URL_OPTIONS)
  SNOWFLAKE_ACCESS_URL?: string = undefined;

  @Setting({ group: 'warehouse', text: 'Most sessions with Snowflake at once, per process' })
  @IsInt()
  @Min(1)
  @Max(50)
  SNOWFLAKE_POOL_SIZE = 4;

  @Setting({
    group: 'warehouse',
    text: 'Longest time in seconds that rows wait before they are written; not set = 5 for Snowflake (continuous flushing of an X-Small costs about 24 credits a day, a flush every 300 s about 5)',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  WAREHOUSE_FLUSH_SECONDS = 1;

  @Setting({ group: 'warehouse', text: 'Days that raw events are kept in the warehouse; 0 = for ever' })
  @IsInt()
  @Min(0)
  RAW_RETENTION_DAYS = 0;

  @Setting({
    group: 'warehouse',
    text: 'Days that the processing history is kept in the warehouse; 0 = for ever',
  })
  @IsInt()
  @Min(0)
  HISTORY_RETENTION_DAYS = 0;

  @Setting({ group: 'notifications', text: 'First part of all channel names' })
  @IsString()
  NOTIFICATION_PREFIX = 'sophia';

  @Setting({
    group: 'notifications',
    text: 'Seconds a message is kept under its id; repeats within are not published',
  })
  @IsInt()
  @Min(1)
  NOTIFICATION_TTL = 86_400;

  @Setting({
    group: 'notifications',
    text: "Messages kept in each channel's stream for agents that were away",
  })
  @IsInt()
  @Min(1)
  NOTIFICATION_LOG_LENGTH = 10_000;

  /** Files that values were read from (NAME_FILE), for secrets that somebody else rotates while we run. */
  readonly files = new Map<string, string>();

  /** Events processed at once in this process. */
  get eventConcurrency(): number {
    return this.WEBHOOK_NUM_WORKERS * this.WEBHOOK_BATCH_SIZE;
  }

  /** Whether Redis is started by the service itself. */
  get usesEmbeddedRedis(): boolean {
    return this.REDIS_URL === undefined && this.REDIS_HOST === undefined;
  }
}
