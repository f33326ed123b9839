import { getMetadataStorage } from 'class-validator';
import type { CheckedClass, FieldDoc } from './documented.decorator.js';
import type { Described, Schema } from './schema.js';

type Constraints = readonly unknown[];
interface Check {
  readonly type: string;
  readonly name?: string;
  readonly propertyName: string;
  readonly constraints?: Constraints;
  readonly each?: boolean;
}

/** What each check of class-validator means as JSON Schema. One that is missing here stops the document. */
const KEYWORDS: Readonly<Record<string, (constraints: Constraints) => Schema>> = {
  isString: () => ({ type: 'string' }),
  isBoolean: () => ({ type: 'boolean' }),
  isInt: () => ({ type: 'integer' }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isIn: ([values]) => ({ type: 'string', enum: values }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isInstant: ([pattern]) => ({ type: 'string', pattern: (pattern as RegExp).source }),
  matches: ([pattern]) => ({ type: 'string', pattern: (pattern as RegExp).source }),
  minLength: ([length]) => ({ minLength: length }),
  maxLength: ([length]) => ({ maxLength: length }),
  min: ([value]) => ({ minimum: value }),
  max: ([value]) => ({ maximum: value }),
  arrayNotEmpty: () => ({ minItems: 1 }),
};

export interface ClassField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Described;
}

/** The fields of a checked class, made of the decorators that check them. */
export function fieldsOf({ type, fields }: CheckedClass): ClassField[] {
  const checks = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false) as Check[];
  const defaults = new type() as Record<string, unknown>;
  return Object.entries(fields).map(([name, doc]) => {
    const own = checks.filter(({ propertyName }) => propertyName === name);
    const isRequired = !own.some((check) => check.type === 'conditionalValidation');
    const usual = defaults[name];
    const schema = {
      ...schemaOfChecks(type.name, own),
      ...(!isRequired && usual !== undefined && { default: usual }),
      ...described(doc),
    };
    return { name, isRequired, schema };
  });
}

/** The schema of a body that is checked with this class; a field it does not have is refused. */
export function schemaOfClass(checked: CheckedClass): Schema {
  const fields = fieldsOf(checked);
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function schemaOfChecks(owner: string, checks: readonly Check[]): Schema {
  const whole: Record<string, unknown> = {};
  const items: Record<string, unknown> = {};
  for (const { type, name = '', propertyName, constraints = [], each = false } of checks) {
    if (type !== 'customValidation') continue;
    const keywords = KEYWORDS[name];
    if (keywords === undefined) {
      throw new Error(`${owner}.${propertyName}: say in class-schema.ts what the check ${name} means`);
    }
    Object.assign(each ? items : whole, keywords(constraints));
  }
  return { ...whole, ...(Object.keys(items).length > 0 && { items }) };
}

function described(doc: FieldDoc): Described {
  return typeof doc === 'string' ? { description: doc } : doc;
}
