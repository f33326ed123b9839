import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error.js';
import { configSummary } from './config-summary.js';
import { loadConfig } from './load-config.js';

const SECRETS = {
  ALERTS_SLACK_URL: 'https://hooks.slack.example/services/T0/B0/hidden-slack-key',
  ALERTS_SMTP_SERVER: 'smtps://alerts:hidden-password@mail.example:465',
  ALERTS_HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
};

const YAML = `
targets:
  sales-channel: { type: slack, urlFrom: ALERTS_SLACK_URL }
  oncall-mail: { type: smtp, serverFrom: ALERTS_SMTP_SERVER, from: t@example.com, to: [o@example.com] }
  crm-hook: { type: webhook, url: 'https://crm.example/hook', secretsFrom: [ALERTS_HOOK_SECRET] }
rules:
  - name: churn threats
    types: [call, email]
    priorities: [high, urgent]
    insights: [churn_risk]
    minScore: 0.6
    accounts: [Acme]
    targets: [sales-channel, crm-hook]
`;

function problemsOf(yaml: string, environment: Record<string, string> = SECRETS): readonly string[] {
  try {
    loadConfig({ ...environment, NOTIFICATION_ALERTS: yaml });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('alert rules', () => {
  it('are off without a file', () => {
    expect(loadConfig({}).alerts).toEqual({ rules: [], targets: [], retrySeconds: [] });
  });

  it('are read from the file of NOTIFICATION_ALERTS_FILE, with the secrets that it names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-alerts-'));
    const path = join(folder, 'alerts.yaml');
    writeFileSync(path, YAML);
    const secretPath = join(folder, 'slack-url');
    writeFileSync(secretPath, `${SECRETS.ALERTS_SLACK_URL}\n`);
    const { ALERTS_SLACK_URL: _url, ...others } = SECRETS;
    try {
      const config = loadConfig({
        ...others,
        ALERTS_SLACK_URL_FILE: secretPath,
        NOTIFICATION_ALERTS_FILE: path,
      });
      expect(config.alerts.targets.map(({ type, name }) => `${name} ${type}`)).toEqual([
        'sales-channel slack',
        'oncall-mail smtp',
        'crm-hook webhook',
      ]);
      expect(config.alerts.targets[0]).toMatchObject({ url: SECRETS.ALERTS_SLACK_URL });
      expect(config.alerts.rules).toMatchObject([{ minScore: 0.6, targets: ['sales-channel', 'crm-hook'] }]);
      expect(config.alerts.retrySeconds.length).toBeGreaterThan(3);
      expect(JSON.stringify(configSummary(config))).not.toContain('hidden');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of the example in config/ are right, and its pauses are the ones without any', () => {
    const environment = { ...SECRETS, ALERTS_CRM_SECRET: SECRETS.ALERTS_HOOK_SECRET };
    const yaml = readFileSync('config/alerts.yaml', 'utf8');
    const { alerts } = loadConfig({ ...environment, NOTIFICATION_ALERTS: yaml });
    expect(alerts.targets).toHaveLength(3);
    expect(alerts.rules).toHaveLength(3);
    const withoutPauses = yaml.replace(/^retrySeconds.*$/m, '');
    expect(loadConfig({ ...environment, NOTIFICATION_ALERTS: withoutPauses }).alerts).toEqual(alerts);
  });

  it.each([
    [
      'a secret that is not set',
      YAML.replace('ALERTS_SLACK_URL', 'NOT_SET'),
      'targets.sales-channel.urlFrom',
    ],
    [
      'a secret written into the file',
      YAML.replace('urlFrom: ALERTS_SLACK_URL', 'url: https://hidden'),
      'url',
    ],
    ['a target nobody knows', YAML.replace('crm-hook]', 'hidden]'), 'rules[0].targets'],
    ['a misspelt restriction', YAML.replace('minScore', 'minscore'), 'rules[0].minscore is not known'],
    ['a score out of range', YAML.replace('0.6', '6'), 'rules[0].minScore'],
    ['a priority nobody knows', YAML.replace('[high, urgent]', '[hidden]'), 'rules[0].priorities'],
    ['an address of another kind', YAML.replace('https://crm', 'file://hidden'), 'targets.crm-hook.url'],
    ['a password in the file', YAML.replace('https://crm', 'https://u:hidden@crm'), 'targets.crm-hook.url'],
    ['what is no YAML', 'targets: [hidden', 'is not valid YAML'],
  ])('refuse %s, by field and never with the value', (_what, yaml, where) => {
    const problems = problemsOf(yaml).join('\n');
    expect(problems).toContain('NOTIFICATION_ALERTS: ');
    expect(problems).toContain(where);
    expect(problems).not.toContain('hidden');
  });

  it('refuse a signing secret that is none', () => {
    expect(problemsOf(YAML, { ...SECRETS, ALERTS_HOOK_SECRET: 'whsec_short' })).toEqual([
      'NOTIFICATION_ALERTS: targets.crm-hook.secretsFrom must hold whsec_ and the base64 of 24 to 64 bytes',
    ]);
  });
});

describe('tokens of administrators and readers', () => {
  const token = 't'.repeat(32);

  it('are lists of name:token', () => {
    expect(loadConfig({ ADMIN_TOKENS: `ann:${token},ben:${token}:with-colon` }).ADMIN_TOKENS).toHaveLength(2);
  });

  it.each([['ann:short'], [token], [`:${token}`], [`a name:${token}`]])('are refused as "%s"', (text) => {
    expect(() => loadConfig({ READER_TOKENS: text })).toThrow('READER_TOKENS');
  });
});
