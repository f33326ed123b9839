import type { CrmRule, CrmTest, NoteRules } from '../rules/crm-rule.js';
import type { YamlNode } from './yaml-node.js';

const TESTS = ['falls', 'rises', 'becomes', 'leaves', 'later'] as const;
const KEYS = ['id', 'of', 'field', 'kind', 'weight', 'where', ...TESTS];

/** One rule of the section `crm`; what is wrong with it is told with its place. */
export function crmRule(node: YamlNode): CrmRule {
  const fields = node.entries(KEYS);
  const needed = (name: string): YamlNode => {
    const field = fields.get(name);
    if (field === undefined) node.problem(`"${name}" is missing`);
    return field ?? node.absent();
  };
  return {
    id: needed('id').text(),
    of: needed('of').oneOf(['account', 'deal'] as const),
    field: needed('field').text(),
    kind: needed('kind').oneOf(['churn_risk', 'upsell'] as const),
    weight: needed('weight').number(0, 1),
    test: testOf(node, fields),
    where: [...(fields.get('where')?.entries() ?? [])].map(([field, value]) => ({
      field,
      words: wordsOf(value),
    })),
  };
}

/** Without the section notes are read like the words of the customer. */
export function noteRules(fields: ReadonlyMap<string, YamlNode>): NoteRules {
  return {
    trust: fields.get('trust')?.number(0, 1) ?? 1,
    ownVoice: fields.get('ownVoice')?.number(0, 1) ?? 1,
    newWithinDays: fields.get('newWithinDays')?.number(0, 3650) ?? 7,
  };
}

function testOf(node: YamlNode, fields: ReadonlyMap<string, YamlNode>): CrmTest {
  const [given, ...others] = TESTS.flatMap((type) => {
    const value = fields.get(type);
    return value === undefined ? [] : [{ type, value }];
  });
  if (given === undefined || others.length > 0) {
    node.problem(`must say exactly one of ${TESTS.join(', ')}`);
    return { type: 'becomes', words: [] };
  }
  const { type, value } = given;
  switch (type) {
    case 'becomes':
    case 'leaves':
      return { type, words: wordsOf(value) };
    case 'later':
      return { type, byDays: value.entries(['byDays']).get('byDays')?.number(0, 3650) ?? 0 };
    case 'falls':
    case 'rises':
      return movementOf(type, value);
  }
}

const MAX_NUMBER = 1e15;

function movementOf(type: 'falls' | 'rises', value: YamlNode): CrmTest {
  const across = type === 'falls' ? 'below' : 'above';
  const parts = value.entries(['by', 'byPercent', across, 'scale']);
  if (parts.size === 0) value.problem(`must say by how much: by, byPercent, ${across} or scale`);
  return {
    type,
    by: parts.get('by')?.number(0, MAX_NUMBER) ?? null,
    byPercent: parts.get('byPercent')?.number(0, MAX_NUMBER) ?? null,
    across: parts.get(across)?.number(-MAX_NUMBER, MAX_NUMBER) ?? null,
    scale: wordsOf(parts.get('scale')),
  };
}

function wordsOf(node: YamlNode | undefined): string[] {
  return node?.texts().map((text) => text.trim().toLowerCase()) ?? [];
}
