import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { AppConfig, SNOWFLAKE_FLUSH_SECONDS } from './app-config.js';
import { ConfigError } from './config-error.js';
import { settingsOf } from './setting.decorator.js';

type Environment = Readonly<Record<string, string | undefined>>;

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
  problems.push(...contradictions(config));
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
  if (config.WAREHOUSE === 'duckdb' && config.ROLE !== 'all') {
    return ['ROLE: a DuckDB file belongs to one process, so WAREHOUSE=duckdb needs ROLE=all'];
  }
  return config.WAREHOUSE === 'snowflake' ? credentialProblems(config) : [];
}

function credentialProblems(config: AppConfig): string[] {
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

function deepFreeze(config: AppConfig): AppConfig {
  for (const value of Object.values(config)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(config);
}
