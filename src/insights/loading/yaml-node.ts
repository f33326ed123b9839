import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Something wrong in a rule file, for the person who edited it. */
export interface RuleProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A value of a rule file that knows where it stands, so that problems can be told with file and line. */
export class YamlNode {
  private constructor(
    private readonly node: Node | null,
    private readonly source: {
      readonly file: string;
      readonly lines: LineCounter;
      readonly problems: RuleProblem[];
    },
    readonly path: string,
    private readonly fallbackLine: number,
  ) {}

  /** Parses a file; what is wrong with its syntax is added to `problems`. */
  static parse(file: string, text: string, problems: RuleProblem[]): YamlNode {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
    for (const error of document.errors) {
      const message = error.message.split('\n')[0] ?? 'cannot be read';
      problems.push({ file, line: lines.linePos(error.pos[0]).line, message });
    }
    return new YamlNode(document.contents, { file, lines, problems }, '', 1);
  }

  get file(): string {
    return this.source.file;
  }

  get line(): number {
    const start = this.node?.range?.[0];
    return start === undefined ? this.fallbackLine : this.source.lines.linePos(start).line;
  }

  /** Nothing, in the place of a field whose absence has been told already. */
  absent(): YamlNode {
    return new YamlNode(null, { ...this.source, problems: [] }, this.path, this.line);
  }

  problem(message: string): void {
    const where = this.path === '' ? '' : `${this.path}: `;
    this.source.problems.push({ file: this.source.file, line: this.line, message: `${where}${message}` });
  }

  /** The entries of a map. @param known the keys it may have; undefined: any */
  entries(known?: readonly string[]): Map<string, YamlNode> {
    const result = new Map<string, YamlNode>();
    if (this.node === null) return result;
    if (!isMap(this.node)) {
      this.problem('must be a map (key: value)');
      return result;
    }
    for (const { key, value } of this.node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const child = this.child(value as Node | null, this.path === '' ? name : `${this.path}.${name}`);
      if (known !== undefined && !known.includes(name)) {
        child.problem(`is not a known key; known are ${known.join(', ')}`);
      } else result.set(name, child);
    }
    return result;
  }

  items(): YamlNode[] {
    if (this.node === null) return [];
    if (!isSeq(this.node)) {
      this.problem('must be a list');
      return [];
    }
    return this.node.items.map((item, at) => this.child(item as Node | null, `${this.path}[${at}]`));
  }

  text(): string {
    const value = this.scalar();
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (typeof value === 'number') return String(value);
    this.problem('must be a text');
    return '';
  }

  texts(): string[] {
    return this.items().map((item) => item.text());
  }

  number(min: number, max: number): number {
    const value = this.scalar();
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.problem(`must be a number from ${min} to ${max}`);
    return min;
  }

  flag(): boolean {
    const value = this.scalar();
    if (typeof value === 'boolean') return value;
    this.problem('must be true or false');
    return false;
  }

  oneOf<T extends string>(allowed: readonly T[]): T {
    const value = this.scalar();
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    this.problem(`must be one of ${allowed.join(', ')}`);
    return allowed[0] as T;
  }

  private scalar(): unknown {
    return isScalar(this.node) ? this.node.value : undefined;
  }

  private child(node: Node | null, path: string): YamlNode {
    return new YamlNode(node, this.source, path, this.line);
  }
}
