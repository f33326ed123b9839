import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { readAlertSettings } from './alert-settings.js';
import { AppConfig, redisWays, SNOWFLAKE_FLUSH_SECONDS } from './app-config.js';
import { ConfigError } from './config-error.js';
import { withPulumiEsc } from './pulumi-esc.js';
import { settingsOf } from './setting.decorator.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration of this process, with what Pulumi ESC adds where that is asked for. @throws ConfigError */
export async function readConfig(environment: Environment): Promise<AppConfig> {
  return loadConfig(await withPulumiEsc(environment, (name) => readableText(environment, name)));
}

/** @throws ConfigError when its file cannot be read. */
function readableText(environment: Environment, name: string): string | undefined {
  try {
    return textOf(environment, name);
  } catch (error) {
    throw new ConfigError([`${name}: ${(error as Error).message}`]);
  }
}

/**
 * Reads the configuration once, before anything starts.
 * @param environment variables by name; an empty text counts as not set; `NAME_FILE` names a file to read instead.
 * @returns a frozen configuration.
 * @throws ConfigError with every problem, by variable name and never with a value.
 */
export function loadConfig(environment: Environment): AppConfig {
  const config = new AppConfig();
  const problems: string[] = [];
  const known = withAliases(environment);
  for (const name of settingsOf(AppConfig).keys()) {
    try {
      const text = textOf(known, name);
      if (text === undefined) continue;
      assign(config, name, text);
      if (!known[name]) config.files.set(name, known[`${name}_FILE`] ?? '');
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  applyDependentDefaults(config, known);
  const unreadable = new Set(problems.map((problem) => problem.split(':')[0]));
  for (const { property, constraints } of validateSync(config)) {
    if (unreadable.has(property)) continue;
    problems.push(
      `${property}: ${Object.values(constraints ?? {})
        .map((text) => withoutName(text, property))
        .join('; ')}`,
    );
  }
  problems.push(...contradictions(config), ...readAlerts(config, known));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(config);
}

/** class-validator begins its messages with the name, which ours already do. */
function withoutName(text: string, name: string): string {
  return text.startsWith(`${name} `) ? text.slice(name.length + 1) : text;
}

/** Names that are accepted too, because others documented them before us. */
function withAliases(environment: Environment): Environment {
  const { WEBHOOK_SECRET, WEBHOOK_SECRET_FILE, WEBHOOK_SECRETS, WEBHOOK_SECRETS_FILE } = environment;
  return {
    ...environment,
    WEBHOOK_SECRETS: WEBHOOK_SECRETS || WEBHOOK_SECRET,
    WEBHOOK_SECRETS_FILE: WEBHOOK_SECRETS_FILE || WEBHOOK_SECRET_FILE,
  };
}

function textOf(environment: Environment, name: string): string | undefined {
  const direct = environment[name];
  const path = environment[`${name}_FILE`];
  if (direct !== undefined && direct !== '') return direct;
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(
      `the file named by ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

function assign(config: AppConfig, name: string, text: string): void {
  const values = config as unknown as Record<string, unknown>;
  values[name] = convert(text, values[name]);
}

/** Reads a text as the type of the variable's default. */
function convert(text: string, defaultValue: unknown): unknown {
  if (Array.isArray(defaultValue)) {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (typeof defaultValue === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text.trim())) throw new Error('must be a number');
    return Number(text);
  }
  if (typeof defaultValue === 'boolean') {
    if (!['true', 'false'].includes(text.trim())) throw new Error('must be true or false');
    return text.trim() === 'true';
  }
  return text;
}

/** Alert rules name further variables, which hold what they must not: addresses with keys, secrets. */
function readAlerts(config: AppConfig, environment: Environment): string[] {
  const { NOTIFICATION_ALERTS: yaml } = config;
  if (yaml === undefined) return [];
  const problems: string[] = [];
  config.alerts = readAlertSettings(yaml, (name) => secretNamed(environment, name), problems);
  return problems.map((problem) => `NOTIFICATION_ALERTS: ${problem}`);
}

function secretNamed(environment: Environment, name: string): string | undefined {
  try {
    return textOf(environment, name);
  } catch {
    // Its file cannot be read: for the rules it is not set.
    return undefined;
  }
}

/** Defaults that follow from another variable. */
function applyDependentDefaults(
  config: AppConfig,
  { WAREHOUSE_FLUSH_SECONDS, WAREHOUSE_FLUSH_SECONDS_FILE }: Environment,
): void {
  const isGiven = Boolean(WAREHOUSE_FLUSH_SECONDS) || Boolean(WAREHOUSE_FLUSH_SECONDS_FILE);
  if (config.WAREHOUSE === 'snowflake' && !isGiven) config.WAREHOUSE_FLUSH_SECONDS = SNOWFLAKE_FLUSH_SECONDS;
}

/** What no single variable shows to be wrong. */
function contradictions(config: AppConfig): string[] {
  const problems = [...gongCredentialProblems(config), ...redisProblems(config)];
  if (config.WAREHOUSE === 'duckdb' && config.ROLE !== 'all') {
    problems.push('ROLE: a DuckDB file belongs to one process, so WAREHOUSE=duckdb needs ROLE=all');
  }
  const missing = ZOHO_CREDENTIALS.filter((name) => config[name] === undefined);
  if (missing.length > 0 && missing.length < ZOHO_CREDENTIALS.length) {
    problems.push(`${missing.join(', ')}: ${ZOHO_CREDENTIALS.join(', ')} are given together or not at all`);
  }
  if (config.ZOHO_WRITE_BACK === 'on' && !config.hasZohoCredentials) {
    problems.push(`ZOHO_WRITE_BACK: on needs ${ZOHO_CREDENTIALS.join(', ')}`);
  }
  if (config.WAREHOUSE === 'snowflake') problems.push(...snowflakeCredentialProblems(config));
  return problems;
}

/** Two addresses would leave open which one holds the events. */
function redisProblems(config: AppConfig): string[] {
  const problems: string[] = [];
  const ways = redisWays(config);
  if (ways.length > 1) problems.push(`${ways[0]}: ${ways.join(' and ')} exclude each other`);
  if (config.REDIS_SENTINELS.length > 0 !== (config.REDIS_SENTINEL_NAME !== undefined)) {
    problems.push('REDIS_SENTINEL_NAME: REDIS_SENTINELS and REDIS_SENTINEL_NAME are given together');
  }
  if (config.REDIS_CLUSTER_NODES.length > 0 && config.REDIS_DB !== 0) {
    problems.push('REDIS_DB: a Redis Cluster has database 0 only');
  }
  if (ways.length === 0 && config.WEBHOOK_ACK_REPLICAS > 0) {
    problems.push('WEBHOOK_ACK_REPLICAS: the embedded Redis has no replicas');
  }
  return problems;
}

function snowflakeCredentialProblems(config: AppConfig): string[] {
  const { SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PASSWORD, SNOWFLAKE_TOKEN } = config;
  const given = [SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PASSWORD, SNOWFLAKE_TOKEN].filter(
    (credential) => credential !== undefined,
  );
  return given.length === 1
    ? []
    : [
        'SNOWFLAKE_PRIVATE_KEY: exactly one of SNOWFLAKE_PRIVATE_KEY, SNOWFLAKE_PASSWORD and SNOWFLAKE_TOKEN is needed',
      ];
}

const ACCESS_KEY = ['GONG_ACCESS_KEY', 'GONG_ACCESS_KEY_SECRET'] as const;
const OAUTH = ['GONG_OAUTH_CLIENT_ID', 'GONG_OAUTH_CLIENT_SECRET', 'GONG_OAUTH_REFRESH_TOKEN'] as const;

/** Half a credential would be found out only at the first call; two would leave open which one counts. */
function gongCredentialProblems(config: AppConfig): string[] {
  const given = (names: readonly (typeof ACCESS_KEY | typeof OAUTH)[number][]) =>
    names.filter((name) => config[name] !== undefined);
  const halves = [ACCESS_KEY, OAUTH].flatMap((names) => {
    const missing = names.filter((name) => config[name] === undefined);
    const isHalf = missing.length > 0 && missing.length < names.length;
    return isHalf ? missing.map((name) => `${name}: needed together with ${given(names).join(' and ')}`) : [];
  });
  if (given(ACCESS_KEY).length === 0 || given(OAUTH).length === 0) return halves;
  return [...halves, 'GONG_ACCESS_KEY: give either an access key or GONG_OAUTH_*, not both'];
}

const ZOHO_CREDENTIALS = ['ZOHO_CLIENT_ID', 'ZOHO_CLIENT_SECRET', 'ZOHO_REFRESH_TOKEN'] as const;

function deepFreeze(config: AppConfig): AppConfig {
  for (const value of Object.values(config)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(config);
}
