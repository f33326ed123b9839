import { ConfigError } from './config-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_BACKEND = 'https://api.pulumi.com';
const TIMEOUT_MS = 10_000;

/** A value of an opened environment; those of an object are values again. */
interface EscValue {
  readonly value?: unknown;
}

/**
 * Adds the variables of a Pulumi ESC environment (`PULUMI_ESC_ENVIRONMENT=org/project/env`), before anything is
 * validated. A variable that is set here, or whose `NAME_FILE` is, stays as it is. Nothing is asked without
 * PULUMI_ESC_ENVIRONMENT.
 *
 * These two requests instead of @pulumi/esc-sdk 0.12.4, which drops the port of PULUMI_BACKEND_URL, signs in by a
 * login on the disk where no token is given, and brings 34 packages. Wire: `POST .../open` answers an id,
 * `GET .../open/{id}` the values with the secrets decrypted.
 * @throws ConfigError naming what is missing or what was answered, never a value.
 */
export async function withPulumiEsc(
  environment: Environment,
  readText: (name: string) => string | undefined,
): Promise<Environment> {
  const place = readText('PULUMI_ESC_ENVIRONMENT');
  if (place === undefined) return environment;
  const token = readText('PULUMI_ACCESS_TOKEN');
  if (!/^[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(place)) throw problem('must be org/project/env');
  if (token === undefined) {
    throw new ConfigError(['PULUMI_ACCESS_TOKEN: is needed with PULUMI_ESC_ENVIRONMENT']);
  }
  const backend = (readText('PULUMI_BACKEND_URL') ?? DEFAULT_BACKEND).replace(/\/+$/, '');
  const url = `${backend}/api/esc/environments/${place}/open`;
  const opened = await ask('POST', url, token);
  if (typeof opened.id !== 'string') throw problem('was opened without an id');
  const variables = variablesOf(await ask('GET', `${url}/${encodeURIComponent(opened.id)}`, token));
  const isSet = (name: string) => Boolean(environment[name]) || Boolean(environment[counterpart(name)]);
  return {
    ...environment,
    ...Object.fromEntries(Object.entries(variables).filter(([name]) => !isSet(name))),
  };
}

/** `NAME` and `NAME_FILE` say the same thing in two ways. */
function counterpart(name: string): string {
  return name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`;
}

async function ask(method: 'GET' | 'POST', url: string, token: string): Promise<Record<string, unknown>> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const headers = { authorization: `token ${token}`, accept: 'application/json' };
    // A redirect would carry the token to somebody else.
    const response = await fetch(url, { method, headers, redirect: 'error', signal: deadline });
    if (!response.ok) throw problem(`${method} was answered ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw problem(
      deadline.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : `${method} failed (${causeOf(error)})`,
    );
  }
}

/** What fetch hides behind "fetch failed"; of an unreadable answer only that it is none, for it may hold values. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return (error as Error).name === 'SyntaxError' ? 'not JSON' : (cause?.code ?? 'no connection');
}

function variablesOf(opened: Record<string, unknown>): Record<string, string> {
  const properties = (opened.properties ?? {}) as Record<string, EscValue>;
  const variables = properties.environmentVariables?.value;
  if (typeof variables !== 'object' || variables === null) {
    throw problem('has no environmentVariables');
  }
  const entries = Object.entries(variables as Record<string, EscValue>);
  const unresolved = entries.filter(
    ([, { value }]) => !['string', 'number', 'boolean'].includes(typeof value),
  );
  if (unresolved.length > 0) {
    throw problem(`environmentVariables without a value: ${unresolved.map(([name]) => name).join(', ')}`);
  }
  return Object.fromEntries(entries.map(([name, { value }]) => [name, String(value)]));
}

function problem(text: string): ConfigError {
  return new ConfigError([`PULUMI_ESC_ENVIRONMENT: ${text}`]);
}
