import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { type AlertSettings, NO_ALERTS } from '../contracts/alert.js';
import type { WriteBackMode } from '../contracts/ports/crm-tasks.port.js';
import { Setting } from './setting.decorator.js';
import {
  IsCertificate,
  IsChannelToken,
  IsHostAndPort,
  IsNamedToken,
  IsPrivateKey,
  IsRedisUrl,
  IsSealingKey,
  IsSecret,
  IsSpkiPublicKey,
  NeedsAnyOf,
} from './validators.js';

export type ZohoDataCentre = 'us' | 'eu' | 'in' | 'au' | 'jp' | 'cn' | 'ca' | 'sa' | 'uk' | 'ae';

const URL_OPTIONS = { require_tld: false, protocols: ['http', 'https'], require_protocol: true };

/** Snowflake bills each started minute of a warehouse, so it is flushed less often than a file. */
export const SNOWFLAKE_FLUSH_SECONDS = 5;

const NEEDED_FOR_SNOWFLAKE = { message: 'is needed with WAREHOUSE=snowflake' };

/** The variables that say where Redis is, of which one is enough. */
export function redisWays(config: AppConfig): string[] {
  const { REDIS_URL, REDIS_HOST, REDIS_SENTINELS, REDIS_CLUSTER_NODES } = config;
  return Object.entries({ REDIS_URL, REDIS_HOST, REDIS_SENTINELS, REDIS_CLUSTER_NODES })
    .filter(([, value]) => value !== undefined && value.length > 0)
    .map(([name]) => name);
}

/** Whoever sets one of them needs the others. */
function asksLlm({ LLM_BASE_URL, LLM_MODEL }: AppConfig): boolean {
  return (LLM_BASE_URL ?? LLM_MODEL) !== undefined;
}

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

  @Setting({
    group: 'process',
    text: 'Seconds after SIGTERM during which webhooks are still taken while /health/ready says 503, so that balancers leave first',
  })
  @IsInt()
  @Min(0)
  SHUTDOWN_DELAY_SECONDS = 3;

  @Setting({ group: 'process', text: 'Folder of the embedded parts: DuckDB file, embedded Redis' })
  @IsString()
  DATA_DIR = './data';

  @Setting({
    group: 'process',
    text: 'Pulumi ESC environment (org/project/env) whose environmentVariables are added; never overrides one that is set',
  })
  @IsOptional()
  @IsString()
  PULUMI_ESC_ENVIRONMENT?: string = undefined;

  @Setting({ group: 'process', text: 'Token for Pulumi ESC', secret: true })
  @IsOptional()
  @IsString()
  PULUMI_ACCESS_TOKEN?: string = undefined;

  @Setting({ group: 'process', text: 'Address of Pulumi' })
  @IsUrl(URL_OPTIONS)
  PULUMI_BACKEND_URL = 'https://api.pulumi.com';

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

  @Setting({ group: 'processing', text: 'Longest time in seconds that a look-up waits to be batched' })
  @IsInt()
  @Min(1)
  @Max(60)
  WEBHOOK_BATCH_TIMEOUT = 5;

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
    group: 'processing',
    text: "false: nothing is compared with the vendors' APIs by itself, every hour and every night; operators still can",
  })
  @IsBoolean()
  RECONCILIATION_ENABLED = true;

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

  @Setting({ group: 'redis', text: 'ACL user, with REDIS_HOST, REDIS_SENTINELS or REDIS_CLUSTER_NODES' })
  @IsOptional()
  @IsString()
  REDIS_USERNAME?: string = undefined;

  @Setting({
    group: 'redis',
    text: 'Password, with REDIS_HOST, REDIS_SENTINELS or REDIS_CLUSTER_NODES',
    secret: true,
  })
  @IsOptional()
  @IsString()
  REDIS_PASSWORD?: string = undefined;

  @Setting({ group: 'redis', text: 'Database number, with REDIS_HOST or REDIS_SENTINELS' })
  @IsInt()
  @Min(0)
  REDIS_DB = 0;

  @Setting({
    group: 'redis',
    text: 'Sentinels (comma list of host:port), instead of REDIS_URL; needs REDIS_SENTINEL_NAME',
  })
  @IsHostAndPort({ each: true })
  REDIS_SENTINELS: string[] = [];

  @Setting({ group: 'redis', text: 'Name under which the sentinels watch the primary' })
  @IsOptional()
  @IsString()
  REDIS_SENTINEL_NAME?: string = undefined;

  @Setting({ group: 'redis', text: 'Password of the sentinels themselves, if they have one', secret: true })
  @IsOptional()
  @IsString()
  REDIS_SENTINEL_PASSWORD?: string = undefined;

  @Setting({
    group: 'redis',
    text: 'Nodes of a Redis Cluster or its endpoint (comma list of host:port), instead of REDIS_URL',
  })
  @IsHostAndPort({ each: true })
  REDIS_CLUSTER_NODES: string[] = [];

  @Setting({ group: 'redis', text: 'true: TLS without a rediss:// address, also to sentinels and nodes' })
  @IsBoolean()
  REDIS_TLS = false;

  @Setting({
    group: 'redis',
    text: 'Certificate (PEM) of the authority that signed the one of Redis; usually by REDIS_TLS_CA_FILE',
  })
  @IsOptional()
  @IsCertificate()
  REDIS_TLS_CA?: string = undefined;

  @Setting({
    group: 'redis',
    text: 'Replicas that must have an event before its 200, and what a job wrote before its end, so that a fail-over loses none',
  })
  @IsInt()
  @Min(0)
  @Max(10)
  WEBHOOK_ACK_REPLICAS = 0;

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

  @Setting({
    group: 'gong',
    text: "Address of Gong's API as your Gong shows it; with OAuth, Gong's own answer wins over the default",
  })
  @IsUrl(URL_OPTIONS)
  GONG_API_BASE_URL = 'https://api.gong.io';

  @Setting({ group: 'gong', text: 'Access key of the API; without it and OAuth nothing is fetched' })
  @IsOptional()
  @IsString()
  GONG_ACCESS_KEY?: string = undefined;

  @Setting({ group: 'gong', text: 'Secret of the access key', secret: true })
  @IsOptional()
  @IsString()
  GONG_ACCESS_KEY_SECRET?: string = undefined;

  @Setting({ group: 'gong', text: 'API requests per second, over all processes' })
  @IsNumber()
  @Min(0.01)
  @Max(100)
  GONG_RATE_PER_SECOND = 2.5;

  @Setting({ group: 'gong', text: 'API requests at once; Gong refuses the fourth in a second' })
  @IsInt()
  @Min(1)
  @Max(100)
  GONG_RATE_BURST = 1;

  @Setting({
    group: 'gong',
    text: 'API requests in any 24 hours; a tenth of them is for reconciliation, no less and no more',
  })
  @IsInt()
  @Min(1)
  GONG_DAILY_BUDGET = 10_000;

  @Setting({
    group: 'gong',
    text: 'true: calls marked private in Gong are fetched, analysed and shown like others',
  })
  @IsBoolean()
  GONG_INCLUDE_PRIVATE_CALLS = false;

  @Setting({ group: 'gong', text: 'OAuth instead of an access key: id of your Gong app' })
  @IsOptional()
  @IsString()
  GONG_OAUTH_CLIENT_ID?: string = undefined;

  @Setting({ group: 'gong', text: 'OAuth: secret of your Gong app', secret: true })
  @IsOptional()
  @IsString()
  GONG_OAUTH_CLIENT_SECRET?: string = undefined;

  @Setting({
    group: 'gong',
    text: 'OAuth: the first refresh token; its successors are kept, sealed, in Redis',
    secret: true,
  })
  @IsOptional()
  @IsString()
  GONG_OAUTH_REFRESH_TOKEN?: string = undefined;

  @Setting({ group: 'zoho', text: 'Data centre: us, eu, in, au, jp, cn, ca, sa, uk or ae' })
  @IsIn(['us', 'eu', 'in', 'au', 'jp', 'cn', 'ca', 'sa', 'uk', 'ae'])
  ZOHO_DC: ZohoDataCentre = 'us';

  @Setting({ group: 'zoho', text: "Address of Zoho's accounts server, instead of the data centre's" })
  @IsOptional()
  @IsUrl(URL_OPTIONS)
  ZOHO_ACCOUNTS_URL?: string = undefined;

  @Setting({ group: 'zoho', text: "Address of Zoho's API, instead of the one that comes with the token" })
  @IsOptional()
  @IsUrl(URL_OPTIONS)
  ZOHO_API_URL?: string = undefined;

  @Setting({ group: 'zoho', text: 'Client id of the OAuth client; without it records are not fetched' })
  @IsOptional()
  @IsString()
  ZOHO_CLIENT_ID?: string = undefined;

  @Setting({ group: 'zoho', text: 'Secret of the OAuth client', secret: true })
  @IsOptional()
  @IsString()
  ZOHO_CLIENT_SECRET?: string = undefined;

  @Setting({ group: 'zoho', text: 'Refresh token of the OAuth client', secret: true })
  @IsOptional()
  @IsString()
  ZOHO_REFRESH_TOKEN?: string = undefined;

  @Setting({
    group: 'zoho',
    text: 'Requests at once over all processes; from 5 on, accounts are read by composite requests',
  })
  @IsInt()
  @Min(1)
  @Max(25)
  ZOHO_CONCURRENCY = 5;

  @Setting({
    group: 'zoho',
    text: 'Tokens of notification channels (comma list of channel:token; a channel may have several)',
    secret: true,
  })
  @IsChannelToken({ each: true })
  ZOHO_CHANNEL_TOKENS: string[] = [];

  @Setting({
    group: 'zoho',
    text: 'Action items and next steps as tasks on the account: off, dry-run (recorded, nothing is sent) or on',
  })
  @IsIn(['off', 'dry-run', 'on'])
  ZOHO_WRITE_BACK: WriteBackMode = 'off';

  @Setting({ group: 'zoho', text: 'Days after which a conversation gets no tasks any more' })
  @IsInt()
  @Min(1)
  @Max(90)
  ZOHO_WRITE_BACK_DAYS = 14;

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

  @Setting({ group: 'zoho', text: 'Fields whose change alone causes nothing (comma list)' })
  @IsString({ each: true })
  ZOHO_IGNORED_FIELDS: string[] = [
    'Modified_By',
    'Modified_Time',
    'Last_Activity_Time',
    'Change_Log_Time__s',
    'Locked__s',
    'Visitor_Score',
    'Days_Visited',
    'Number_Of_Chats',
    'First_Visited_Time',
    'Last_Visited_Time',
    'Average_Time_Spent_Minutes',
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

  @Setting({ group: 'memory', text: 'Where account memory is kept: local (in Redis) or cognee' })
  @IsIn(['local', 'cognee'])
  MEMORY: 'local' | 'cognee' = 'local';

  @Setting({ group: 'memory', text: 'Address of the Cognee server, with MEMORY=cognee' })
  @ValidateIf(({ MEMORY, COGNEE_API_URL }: AppConfig) => MEMORY === 'cognee' || COGNEE_API_URL !== undefined)
  @IsUrl(URL_OPTIONS)
  COGNEE_API_URL?: string = undefined;

  @Setting({ group: 'memory', text: "Cognee's API key; better than a password for a service", secret: true })
  @IsOptional()
  @IsString()
  COGNEE_API_KEY?: string = undefined;

  @Setting({ group: 'memory', text: 'User of Cognee, where there is no API key' })
  @ValidateIf(({ COGNEE_USERNAME, COGNEE_PASSWORD }: AppConfig) => {
    return (COGNEE_USERNAME ?? COGNEE_PASSWORD) !== undefined;
  })
  @IsString({ message: 'must be set, because COGNEE_PASSWORD is' })
  COGNEE_USERNAME?: string = undefined;

  @Setting({ group: 'memory', text: "The user's password", secret: true })
  @ValidateIf(({ COGNEE_USERNAME, COGNEE_PASSWORD }: AppConfig) => {
    return (COGNEE_USERNAME ?? COGNEE_PASSWORD) !== undefined;
  })
  @IsString({ message: 'must be set, because COGNEE_USERNAME is' })
  COGNEE_PASSWORD?: string = undefined;

  @Setting({ group: 'memory', text: 'Dataset of Cognee that holds the accounts; no spaces or dots' })
  @Matches(/^[^\s.]+$/, { message: 'must be a name without spaces and dots' })
  COGNEE_DATASET = 'zoho_crm_accounts';

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

  @Setting({
    group: 'notifications',
    text: 'Days it is remembered what agents were told of a change, so that a late repeat tells nothing twice',
  })
  @IsInt()
  @Min(1)
  NOTIFICATION_TOLD_DAYS = 400;

  @Setting({
    group: 'notifications',
    text: 'Alert rules as YAML, usually by NOTIFICATION_ALERTS_FILE; empty = nothing leaves the house',
    secret: true,
  })
  @IsOptional()
  @IsString()
  NOTIFICATION_ALERTS?: string = undefined;

  @Setting({
    group: 'admin',
    text: 'Tokens for admin routes (comma list of name:token, tokens >= 32 characters); none = they answer 403',
    secret: true,
  })
  @IsNamedToken({ each: true })
  ADMIN_TOKENS: string[] = [];

  @Setting({
    group: 'admin',
    text: 'Tokens that may read, such as the stream of notifications (comma list of name:token)',
    secret: true,
  })
  @IsNamedToken({ each: true })
  READER_TOKENS: string[] = [];

  @Setting({
    group: 'admin',
    text: 'Seals the tokens of Zoho channels: 32 random bytes in base64 (openssl rand -base64 32); needed to register them',
    secret: true,
  })
  @IsOptional()
  @IsSealingKey()
  SECRETS_KEY?: string = undefined;

  /** What NOTIFICATION_ALERTS says, with the secrets it names; filled by load-config.ts. */
  alerts: AlertSettings = NO_ALERTS;

  /** Whether records can be fetched from Zoho. */
  get hasZohoCredentials(): boolean {
    return this.ZOHO_CLIENT_ID !== undefined;
  }
  @Setting({ group: 'insights', text: 'Folder of the insight rules (*.yaml, lexicon, model weights)' })
  @IsString()
  INSIGHT_RULES_DIR = 'config/insights';

  @Setting({
    group: 'insights',
    text: 'OpenAI-compatible server, with its /v1; empty = no language model reads conversations',
  })
  @ValidateIf(asksLlm)
  @IsUrl(URL_OPTIONS, { message: 'must be an http(s) address, because LLM_MODEL is set' })
  LLM_BASE_URL?: string = undefined;

  @Setting({ group: 'insights', text: 'Its key, where it wants one', secret: true })
  @IsOptional()
  @IsString()
  LLM_API_KEY?: string = undefined;

  @Setting({ group: 'insights', text: 'The model; conversations are sent to it' })
  @ValidateIf(asksLlm)
  @IsString({ message: 'must be set, because LLM_BASE_URL is' })
  LLM_MODEL?: string = undefined;

  @Setting({ group: 'insights', text: 'Tokens it may use in a day (UTC), over all processes' })
  @ValidateIf(asksLlm)
  @IsInt()
  @Min(1, { message: 'must be a number of tokens, because LLM_BASE_URL is set' })
  LLM_DAILY_TOKEN_BUDGET = 0;

  /** Whether a language model reads conversations after the rules. */
  get hasLlm(): boolean {
    return this.LLM_BASE_URL !== undefined;
  }

  /** Files that values were read from (NAME_FILE), for secrets that somebody else rotates while we run. */
  readonly files = new Map<string, string>();

  /** Events processed at once in this process. */
  get eventConcurrency(): number {
    return this.WEBHOOK_NUM_WORKERS * this.WEBHOOK_BATCH_SIZE;
  }

  /** Whether Redis is started by the service itself. */
  get usesEmbeddedRedis(): boolean {
    return redisWays(this).length === 0;
  }
}
