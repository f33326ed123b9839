interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the fields of one object of a configuration file. What is wrong is noted, by field and never with a
 * value, and reading goes on, so that all problems are reported together. Fields nobody asked for are
 * refused: a misspelt restriction would silently not restrict.
 */
export class FieldReader {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly known = new Set<string>();

  constructor(
    value: unknown,
    private readonly path: string,
    private readonly problems: string[],
    private readonly secret: (name: string) => string | undefined,
  ) {
    this.fields = isObject(value) ? value : {};
    if (!isObject(value)) this.refuse('must be a list of named fields');
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  refuse(problem: string, name = ''): void {
    const place = [this.path, name].filter((part) => part !== '').join('.');
    this.problems.push(place === '' ? problem : `${place} ${problem}`);
  }

  refuseOthers(): void {
    for (const name of Object.keys(this.fields)) if (!this.known.has(name)) this.refuse('is not known', name);
  }

  /** The objects of an object, with their names. */
  entries(name: string): [string, FieldReader][] {
    const value = this.take(name);
    if (!isObject(value)) this.refuse('must be a list of named fields', name);
    return Object.entries(isObject(value) ? value : {}).map(([key, item]) => [
      key,
      this.reader(item, `${name}.${key}`),
    ]);
  }

  /** The objects of a list. */
  items(name: string): FieldReader[] {
    return this.list(name).map((item, index) => this.reader(item, `${name}[${index}]`));
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value === 'string' && value !== '') return value;
    this.refuse('must be a text', name);
    return '';
  }

  texts(name: string): string[] {
    const items = this.list(name);
    const texts = items.filter((item): item is string => typeof item === 'string' && item !== '');
    if (texts.length < items.length || items.length === 0) this.refuse('must list texts', name);
    return texts;
  }

  optionalTexts(name: string): string[] | undefined {
    return this.has(name) ? this.texts(name) : undefined;
  }

  oneOf<T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.take(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.refuse(`must be one of ${allowed.join(', ')}`, name);
    return found ?? allowed[0];
  }

  listOf<T extends string>(name: string, allowed: readonly T[]): T[] {
    const items = this.list(name);
    const found = allowed.filter((candidate) => items.includes(candidate));
    if (found.length < items.length || items.length === 0) {
      this.refuse(`must list some of ${allowed.join(', ')}`, name);
    }
    return found;
  }

  optionalListOf<T extends string>(name: string, allowed: readonly T[]): T[] | undefined {
    return this.has(name) ? this.listOf(name, allowed) : undefined;
  }

  optionalNumber(name: string, bounds: Bounds): number | undefined {
    const value = this.take(name);
    if (value === undefined || isWithin(value, bounds)) return value;
    this.refuse(`must be a number from ${bounds.min} to ${bounds.max}`, name);
    return undefined;
  }

  optionalNumbers(name: string, bounds: Bounds): number[] | undefined {
    if (!this.has(name)) return undefined;
    const items = this.list(name);
    const numbers = items.filter((item): item is number => isWithin(item, bounds));
    if (numbers.length < items.length) {
      this.refuse(`must list numbers from ${bounds.min} to ${bounds.max}`, name);
    }
    return numbers;
  }

  /** An address without a password in it. */
  plainUrl(name: string, protocols: readonly string[]): string {
    return this.checkedUrl(name, this.text(name), protocols, { mayHoldPassword: false });
  }

  /** An address that is a secret: the field names the variable that holds it. */
  secretUrl(name: string, protocols: readonly string[]): string {
    const value = this.valueOf(name, this.text(name));
    return this.checkedUrl(name, value, protocols, { mayHoldPassword: true });
  }

  /** Secrets: the field lists the variables that hold them. */
  secrets(name: string, form: RegExp, problem: string): string[] {
    const values = this.texts(name).map((variable) => this.valueOf(name, variable));
    if (values.some((value) => value !== '' && !form.test(value))) this.refuse(problem, name);
    return values;
  }

  private valueOf(name: string, variable: string): string {
    const value = variable === '' ? undefined : this.secret(variable);
    if (value === undefined && variable !== '') {
      this.refuse('must name an environment variable that is set', name);
    }
    return value ?? '';
  }

  private checkedUrl(
    name: string,
    value: string,
    protocols: readonly string[],
    { mayHoldPassword }: { mayHoldPassword: boolean },
  ): string {
    if (value === '') return value;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !protocols.includes(url.protocol)) {
      this.refuse(`must be an address that begins with ${protocols.join(' or ')}`, name);
    } else if (!mayHoldPassword && (url.username !== '' || url.password !== '')) {
      this.refuse('must not hold a password: give the whole address by urlFrom', name);
    }
    return value;
  }

  private list(name: string): unknown[] {
    const value = this.take(name);
    if (Array.isArray(value)) return value;
    this.refuse('must be a list', name);
    return [];
  }

  private take(name: string): unknown {
    this.known.add(name);
    return this.fields[name];
  }

  private reader(value: unknown, name: string): FieldReader {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return new FieldReader(value, path, this.problems, this.secret);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, { min, max }: Bounds): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}
