import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import { configSummary } from './config-summary.js';
import { loadConfig } from './load-config.js';
import { settingsOf } from './setting.decorator.js';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SPKI = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('starts with defaults from an empty environment', () => {
    const config = loadConfig({});
    expect(config.PORT).toBe(3000);
    expect(config.usesEmbeddedRedis).toBe(true);
    expect(config.eventConcurrency).toBe(30);
  });

  it('reads numbers, booleans and lists as the defaults are typed', () => {
    const config = loadConfig({
      PORT: '8080',
      WEBHOOK_ENABLED: 'false',
      GONG_WEBHOOK_URLS: 'https://a.example/x, https://b.example/y',
    });
    expect(config.PORT).toBe(8080);
    expect(config.WEBHOOK_ENABLED).toBe(false);
    expect(config.GONG_WEBHOOK_URLS).toEqual(['https://a.example/x', 'https://b.example/y']);
  });

  it('wants the credentials of Zoho together or not at all', () => {
    const some = { ZOHO_CLIENT_ID: 'an-id', ZOHO_REFRESH_TOKEN: 'a-secret-token' };
    expect(problemsOf(some)).toEqual([
      'ZOHO_CLIENT_SECRET: ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN are given together or not at all',
    ]);
    expect(loadConfig({}).hasZohoCredentials).toBe(false);
    expect(loadConfig({ ...some, ZOHO_CLIENT_SECRET: 's' }).hasZohoCredentials).toBe(true);
  });

  it('refuses to write tasks into a CRM that it has no credentials of, and tries dry without', () => {
    expect(problemsOf({ ZOHO_WRITE_BACK: 'on' })).toEqual([
      'ZOHO_WRITE_BACK: on needs ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN',
    ]);
    expect(problemsOf({ ZOHO_WRITE_BACK: 'sometimes' })).toHaveLength(1);
    expect(loadConfig({}).ZOHO_WRITE_BACK).toBe('off');
    expect(loadConfig({ ZOHO_WRITE_BACK: 'dry-run' }).ZOHO_WRITE_BACK).toBe('dry-run');
  });

  it('lists all problems at once, by name and never with the value', () => {
    const environment = {
      PORT: 'eighty-secret',
      LOG_LEVEL: 'loud-secret',
      REDIS_URL: 'http://secret',
      WEBHOOK_MAX_RETRIES: '0',
    };
    const problems = problemsOf(environment);
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'REDIS_URL',
      'WEBHOOK_MAX_RETRIES',
    ]);
    expect(problems.join(' ')).not.toContain('secret');
  });

  it('treats an empty text as not set', () => {
    expect(loadConfig({ REDIS_URL: '', PORT: '' }).usesEmbeddedRedis).toBe(true);
  });

  it('is frozen, lists included', () => {
    const config = loadConfig({ GONG_WEBHOOK_URLS: 'https://a.example' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.GONG_WEBHOOK_URLS)).toBe(true);
  });

  describe('with NAME_FILE', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-config-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('takes the value from the file, without its last line break', () => {
      const path = join(folder, 'redis-url');
      writeFileSync(path, 'redis://127.0.0.1:6390/2\n');
      expect(loadConfig({ REDIS_URL_FILE: path }).REDIS_URL).toBe('redis://127.0.0.1:6390/2');
    });

    it('prefers the variable itself', () => {
      const path = join(folder, 'port');
      writeFileSync(path, '1');
      expect(loadConfig({ PORT: '2', PORT_FILE: path }).PORT).toBe(2);
    });

    it('says which file variable cannot be read', () => {
      expect(problemsOf({ REDIS_PASSWORD_FILE: join(folder, 'absent') })).toEqual([
        'REDIS_PASSWORD: the file named by REDIS_PASSWORD_FILE cannot be read (ENOENT)',
      ]);
    });
  });

  describe('with Gong keys', () => {
    it.each([
      ['base64 SPKI', SPKI],
      ['PEM', PEM],
      ['PEM on one line', PEM.replaceAll('\n', '\\n')],
    ])('takes a key as %s', (_form, key) => {
      const config = loadConfig({ GONG_WEBHOOK_PUBLIC_KEYS: key, WEBHOOK_BASE_URL: 'https://hooks.example' });
      expect(config.GONG_WEBHOOK_PUBLIC_KEYS).toHaveLength(1);
    });

    it('refuses what is no key, without showing it', () => {
      const problems = problemsOf({
        GONG_WEBHOOK_PUBLIC_KEYS: 'bm90IGEga2V5',
        WEBHOOK_BASE_URL: 'https://hooks.example',
      });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^GONG_WEBHOOK_PUBLIC_KEYS: .*RSA public keys/);
      expect(problems[0]).not.toContain('bm90');
    });

    it('refuses an RSA key of less than 2048 bits', () => {
      const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
      const problems = problemsOf({
        GONG_WEBHOOK_PUBLIC_KEYS: small.export({ type: 'spki', format: 'der' }).toString('base64'),
        WEBHOOK_BASE_URL: 'https://hooks.example',
      });
      expect(problems).toEqual([expect.stringMatching(/^GONG_WEBHOOK_PUBLIC_KEYS: .*2048 bits/)]);
    });

    it('refuses keys without an expected address', () => {
      expect(problemsOf({ GONG_WEBHOOK_PUBLIC_KEYS: SPKI }).join()).toMatch(
        /GONG_WEBHOOK_URLS or WEBHOOK_BASE_URL/,
      );
    });
  });

  describe('with WAREHOUSE=snowflake', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const plainKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const encryptedKey = pair.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
      .toString();
    const bareKey = pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    const snowflake = {
      WAREHOUSE: 'snowflake',
      SNOWFLAKE_ACCOUNT: 'org-account',
      SNOWFLAKE_USER: 'SERVICE',
      SNOWFLAKE_WAREHOUSE: 'WH',
      SNOWFLAKE_DATABASE: 'DB',
      SNOWFLAKE_SCHEMA: 'S',
    };

    it.each([
      ['a plain key', { SNOWFLAKE_PRIVATE_KEY: plainKey }],
      ['a key on one line', { SNOWFLAKE_PRIVATE_KEY: plainKey.replaceAll('\n', '\\n') }],
      ['a key without its frame', { SNOWFLAKE_PRIVATE_KEY: bareKey }],
      ['an encrypted key', { SNOWFLAKE_PRIVATE_KEY: encryptedKey, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'open' }],
      ['a password', { SNOWFLAKE_PASSWORD: 'p' }],
      ['a token', { SNOWFLAKE_TOKEN: 't' }],
    ])('takes %s, and every role', (_what, credential) => {
      for (const ROLE of ['all', 'api', 'worker']) {
        expect(problemsOf({ ...snowflake, ...credential, ROLE })).toEqual([]);
      }
    });

    it('flushes every five seconds unless told otherwise', () => {
      const given = { ...snowflake, SNOWFLAKE_PASSWORD: 'p' };
      expect(loadConfig(given).WAREHOUSE_FLUSH_SECONDS).toBe(5);
      expect(loadConfig({ ...given, WAREHOUSE_FLUSH_SECONDS: '300' }).WAREHOUSE_FLUSH_SECONDS).toBe(300);
      expect(loadConfig({}).WAREHOUSE_FLUSH_SECONDS).toBe(1);
    });

    it('names what is missing, and needs exactly one credential', () => {
      const names = problemsOf({ WAREHOUSE: 'snowflake' }).map((problem) => problem.split(':')[0]);
      expect(names.sort()).toEqual([
        'SNOWFLAKE_ACCOUNT',
        'SNOWFLAKE_DATABASE',
        'SNOWFLAKE_PRIVATE_KEY',
        'SNOWFLAKE_SCHEMA',
        'SNOWFLAKE_USER',
        'SNOWFLAKE_WAREHOUSE',
      ]);
      expect(problemsOf({ ...snowflake, SNOWFLAKE_PASSWORD: 'p', SNOWFLAKE_TOKEN: 't' })).toEqual([
        expect.stringMatching(/^SNOWFLAKE_PRIVATE_KEY: exactly one of/),
      ]);
    });

    it.each([
      ['no key', { SNOWFLAKE_PRIVATE_KEY: 'hunter2' }],
      [
        'a key that its passphrase does not open',
        { SNOWFLAKE_PRIVATE_KEY: encryptedKey, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'hunter2' },
      ],
      ['an encrypted key without its passphrase', { SNOWFLAKE_PRIVATE_KEY: encryptedKey }],
    ])('refuses %s by name', (_what, credential) => {
      const problems = problemsOf({ ...snowflake, ...credential });
      expect(problems).toEqual([expect.stringMatching(/^SNOWFLAKE_PRIVATE_KEY: must be an RSA private key/)]);
      expect(problems.join()).not.toContain('hunter2');
    });

    it('remembers the file of a token, because it may be replaced', () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-config-'));
      try {
        const path = join(folder, 'token');
        writeFileSync(path, 't\n');
        const config = loadConfig({ ...snowflake, SNOWFLAKE_TOKEN_FILE: path });
        expect([config.SNOWFLAKE_TOKEN, config.files.get('SNOWFLAKE_TOKEN')]).toEqual(['t', path]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  it('refuses to split roles over a DuckDB file, which belongs to one process', () => {
    expect(problemsOf({ ROLE: 'worker' })).toEqual([
      'ROLE: a DuckDB file belongs to one process, so WAREHOUSE=duckdb needs ROLE=all',
    ]);
  });

  describe('of the memory', () => {
    const COGNEE = { MEMORY: 'cognee', COGNEE_API_URL: 'http://cognee:8000' };

    it('takes Cognee with an API key, a login or neither', () => {
      const login = { COGNEE_USERNAME: 'agent@northwind.example', COGNEE_PASSWORD: 'short' };
      for (const credentials of [{ COGNEE_API_KEY: 'a'.repeat(64) }, login, {}]) {
        expect(loadConfig({ ...COGNEE, ...credentials }).MEMORY).toBe('cognee');
      }
    });

    it.each([
      [{ MEMORY: 'cognee' }, ['COGNEE_API_URL']],
      [{ MEMORY: 'elephant' }, ['MEMORY']],
      [{ ...COGNEE, COGNEE_API_URL: 'cognee' }, ['COGNEE_API_URL']],
      [{ ...COGNEE, COGNEE_PASSWORD: 'hunter2' }, ['COGNEE_USERNAME']],
      [{ ...COGNEE, COGNEE_USERNAME: 'agent' }, ['COGNEE_PASSWORD']],
      [{ COGNEE_DATASET: 'zoho.accounts' }, ['COGNEE_DATASET']],
      [{ COGNEE_DATASET: 'zoho accounts' }, ['COGNEE_DATASET']],
    ])('refuses %j', (environment, names) => {
      const problems = problemsOf(environment);
      expect(problems.map((problem) => problem.split(':')[0])).toEqual(names);
      expect(problems.join()).not.toContain('hunter2');
    });
  });

  it('has a shown summary without a secret', () => {
    const summary = configSummary(loadConfig({ REDIS_URL: 'redis://:hunter2@127.0.0.1' }));
    expect(summary.REDIS_URL).toBe('configured');
    expect(JSON.stringify(summary)).not.toContain('hunter2');
  });
});

describe('where Redis is', () => {
  const complete = { REDIS_SENTINELS: 'a.example:26379,[::1]:26380', REDIS_SENTINEL_NAME: 'primary' };

  it.each([
    [complete, false],
    [{ REDIS_CLUSTER_NODES: 'endpoint.example:6379' }, false],
    [{}, true],
  ])('%j is embedded: %s', (environment, isEmbedded) => {
    expect(loadConfig(environment).usesEmbeddedRedis).toBe(isEmbedded);
  });

  it.each([
    [{ REDIS_SENTINELS: 'a.example:26379' }, 'REDIS_SENTINEL_NAME'],
    [{ REDIS_SENTINEL_NAME: 'primary' }, 'REDIS_SENTINEL_NAME'],
    [{ ...complete, REDIS_URL: 'redis://a.example' }, 'exclude each other'],
    [{ REDIS_CLUSTER_NODES: 'endpoint.example:6379', REDIS_DB: '1' }, 'REDIS_DB'],
    [{ REDIS_CLUSTER_NODES: 'endpoint.example' }, 'REDIS_CLUSTER_NODES: must list host:port'],
    [{ REDIS_CLUSTER_NODES: 'endpoint.example:65536' }, 'REDIS_CLUSTER_NODES: must list host:port'],
    [{ WEBHOOK_ACK_REPLICAS: '1' }, 'WEBHOOK_ACK_REPLICAS'],
    [{ REDIS_TLS_CA: 'no certificate' }, 'REDIS_TLS_CA'],
  ])('%j is refused: %s', (environment, problem) => {
    expect(problemsOf(environment).join('\n')).toContain(problem);
  });
});

describe('the documents of the configuration', () => {
  const settings = [...settingsOf(AppConfig)];
  const defaults = new AppConfig() as unknown as Record<
    string,
    string | number | boolean | string[] | undefined
  >;

  it('config/default.env lists each variable with its default and its meaning', () => {
    const expected = settings.map(([name, { text }]) => {
      const value = defaults[name];
      const shown = Array.isArray(value) ? value.join(',') : String(value ?? '');
      return `# ${text}\n${name}=${shown}\n`;
    });
    expect(readFileSync('config/default.env', 'utf8')).toBe(
      `# Every variable with its default. Each can also be given as NAME_FILE, a path to its value.\n\n${expected.join('\n')}`,
    );
  });

  it('the table of the README lists each variable with its default and its meaning', () => {
    const readme = readFileSync('README.md', 'utf8');
    for (const [name, { text }] of settings) {
      const value = defaults[name];
      const listed = Array.isArray(value) ? value.join(',') : String(value ?? '');
      const shown = listed === '' ? '' : `\`${listed}\``;
      expect(readme).toContain(`| \`${name}\` | ${shown} | ${text} |`);
    }
    const documented = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \| (?:`[^`]*`)? ?\|/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual(settings.map(([name]) => name).sort());
  });
});

describe('the credentials of Gong', () => {
  it.each([
    [{ GONG_ACCESS_KEY: 'k' }, ['GONG_ACCESS_KEY_SECRET: needed together with GONG_ACCESS_KEY']],
    [
      { GONG_OAUTH_CLIENT_ID: 'i', GONG_OAUTH_REFRESH_TOKEN: 'r' },
      ['GONG_OAUTH_CLIENT_SECRET: needed together with GONG_OAUTH_CLIENT_ID and GONG_OAUTH_REFRESH_TOKEN'],
    ],
    [
      {
        GONG_ACCESS_KEY: 'k',
        GONG_ACCESS_KEY_SECRET: 's',
        GONG_OAUTH_CLIENT_ID: 'i',
        GONG_OAUTH_CLIENT_SECRET: 's',
        GONG_OAUTH_REFRESH_TOKEN: 'r',
      },
      ['GONG_ACCESS_KEY: give either an access key or GONG_OAUTH_*, not both'],
    ],
    [{ GONG_ACCESS_KEY: 'k', GONG_ACCESS_KEY_SECRET: 's' }, []],
    [{}, []],
  ])('are whole, and of one kind: %j', (environment, problems) => {
    expect(problemsOf(environment)).toEqual(problems);
  });
});
