import { parse } from 'yaml';
import type { AlertRule, AlertSettings, AlertTarget } from '../contracts/alert.js';
import { INSIGHT_KINDS, PRIORITIES } from '../contracts/insight.js';
import { NOTIFICATION_TYPES } from '../contracts/notification.js';
import { FieldReader } from './field-reader.js';

/**
 * The pauses that the Standard Webhooks specification recommends (about 35 hours in all):
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Deliverability".
 */
const DEFAULT_RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400];

const TARGET_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** `whsec_` and the base64 of 24 to 64 bytes, as the specification has it. */
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/**
 * Reads alert rules. Secrets are named in it (`urlFrom: ALERTS_SLACK_URL`) and never stand in it.
 * @param secret gives the value of an environment variable (or of the file of `NAME_FILE`).
 * @param problems takes what is wrong, by field and never with a value.
 */
export function readAlertSettings(
  yaml: string,
  secret: (name: string) => string | undefined,
  problems: string[],
): AlertSettings {
  const root = new FieldReader(parsed(yaml, problems), '', problems, secret);
  const targets = root.entries('targets').map(([name, fields]) => readTarget(name, fields));
  const names = targets.map(({ name }) => name);
  const rules = root.items('rules').map((fields) => readRule(fields, names));
  const retrySeconds = root.optionalNumbers('retrySeconds', { min: 1, max: 86_400 }) ?? DEFAULT_RETRY_SECONDS;
  root.refuseOthers();
  return { targets, rules, retrySeconds };
}

function parsed(yaml: string, problems: string[]): unknown {
  try {
    return parse(yaml);
  } catch {
    // The parser's message quotes the text, which may hold what should not be there.
    problems.push('is not valid YAML');
    return { targets: {}, rules: [] };
  }
}

function readTarget(name: string, fields: FieldReader): AlertTarget {
  if (!TARGET_NAME.test(name)) fields.refuse('must be named with a-z, 0-9 and - only, at most 40 of them');
  const type = fields.oneOf('type', ['slack', 'smtp', 'webhook'] as const);
  const target = targetOf(type, name, fields);
  fields.refuseOthers();
  return target;
}

function targetOf(type: AlertTarget['type'], name: string, fields: FieldReader): AlertTarget {
  switch (type) {
    case 'slack':
      return { type, name, url: fields.secretUrl('urlFrom', ['http:', 'https:']) };
    case 'smtp': {
      const server = fields.secretUrl('serverFrom', ['smtp:', 'smtps:']);
      return { type, name, server, from: fields.text('from'), to: fields.texts('to') };
    }
    case 'webhook': {
      const url = fields.has('urlFrom')
        ? fields.secretUrl('urlFrom', ['http:', 'https:'])
        : fields.plainUrl('url', ['http:', 'https:']);
      const form = 'must hold whsec_ and the base64 of 24 to 64 bytes';
      return { type, name, url, secrets: fields.secrets('secretsFrom', WEBHOOK_SECRET, form) };
    }
  }
}

function readRule(fields: FieldReader, targetNames: readonly string[]): AlertRule {
  const priorities = fields.optionalListOf('priorities', PRIORITIES);
  const accounts = fields.optionalTexts('accounts');
  const insights = fields.optionalListOf('insights', INSIGHT_KINDS);
  const minScore = fields.optionalNumber('minScore', { min: 0, max: 1 });
  const rule: AlertRule = {
    name: fields.text('name'),
    types: fields.listOf('types', NOTIFICATION_TYPES),
    targets: fields.listOf('targets', targetNames),
    ...(priorities !== undefined && { priorities }),
    ...(accounts !== undefined && { accounts }),
    ...(insights !== undefined && { insights }),
    ...(minScore !== undefined && { minScore }),
  };
  fields.refuseOthers();
  return rule;
}
