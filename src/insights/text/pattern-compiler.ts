import { anchorsIn } from './anchors.js';
import { nodes, type Pattern, type PatternNode } from './pattern.js';
import { extentOf, type Part } from './pattern-part.js';

/** Named lists of words or phrases that patterns refer to as `<name>`. */
export type WordLists = ReadonlyMap<string, readonly string[]>;

const MAX_LENGTH = 3000;
const MAX_DEPTH = 5;
const MAX_GAP = 30;
const LEXEMES = /\.\.\d+|[()|?!^$#]|<[a-z][a-zA-Z0-9-]*>|[\p{L}\p{N}@_'][\p{L}\p{N}\p{M}@'.]*\*?/gu;

/** Why a pattern cannot be used; the loader adds file and line. */
export class PatternError extends Error {}

/** Compiles one pattern. @throws PatternError saying what is wrong with it. */
export function compilePattern(source: string, lists: WordLists): Pattern {
  if (source.length > MAX_LENGTH) throw new PatternError(`longer than ${MAX_LENGTH} characters`);
  const parts = new PatternParser(source, lists).parse();
  const anchors = anchorsIn(parts);
  if (anchors.length === 0) {
    throw new PatternError('needs a word that every match has: not optional, no number, no gap');
  }
  return {
    source,
    root: link(parts, nodes.accept()),
    anchors,
    minWords: extentOf(parts).min,
    firsts: firstsOf(parts),
    isAtStart: parts[0]?.type === 'start',
  };
}

class PatternParser {
  private readonly lexemes: readonly string[];
  private at = 0;

  constructor(
    source: string,
    private readonly lists: WordLists,
    private readonly depth = 0,
  ) {
    this.lexemes = source.match(LEXEMES) ?? [];
    const unread = source.replace(LEXEMES, '').trim();
    if (unread !== '') throw new PatternError(`does not understand ${JSON.stringify(unread.slice(0, 20))}`);
  }

  parse(): readonly Part[] {
    const parts = this.sequence(0);
    if (this.at < this.lexemes.length) throw new PatternError(`unexpected "${this.lexemes[this.at]}"`);
    if (parts.length === 0) throw new PatternError('is empty');
    return parts;
  }

  private sequence(depth: number): Part[] {
    if (depth > MAX_DEPTH) throw new PatternError(`brackets deeper than ${MAX_DEPTH}`);
    const parts: Part[] = [];
    for (let next = this.lexemes[this.at]; next !== undefined && next !== ')'; next = this.lexemes[this.at]) {
      if (next === '|') break;
      parts.push(this.part(depth));
    }
    return parts;
  }

  private part(depth: number): Part {
    const lexeme = this.lexemes[this.at] ?? '';
    this.at += 1;
    if (lexeme === '!') return { type: 'not', what: [this.part(depth + 1)], isOptional: false };
    const part = lexeme === '(' ? this.group(depth) : this.atom(lexeme, depth);
    if (this.lexemes[this.at] !== '?') return part;
    this.at += 1;
    return { ...part, isOptional: true };
  }

  private group(depth: number): Part {
    const ways = [this.sequence(depth + 1)];
    while (this.lexemes[this.at] === '|') {
      this.at += 1;
      ways.push(this.sequence(depth + 1));
    }
    if (this.lexemes[this.at] !== ')') throw new PatternError('a bracket is not closed');
    this.at += 1;
    if (ways.some((way) => way.length === 0)) throw new PatternError('an alternative is empty');
    return { type: 'either', ways, isOptional: false };
  }

  private atom(lexeme: string, depth: number): Part {
    if (lexeme === '^') return { type: 'start', isOptional: false };
    if (lexeme === '$') return { type: 'end', isOptional: false };
    if (lexeme === '#') return { type: 'number', isOptional: false };
    if (lexeme === '_') return { type: 'any', isOptional: false };
    if (lexeme.startsWith('..')) return gap(Number(lexeme.slice(2)));
    if (lexeme.startsWith('<')) return this.list(lexeme.slice(1, -1));
    if (/^[)|?]$/.test(lexeme)) throw new PatternError(`unexpected "${lexeme}"`);
    return this.words(lexeme, depth);
  }

  /** Outside brackets `a|b|c` is one of these words; inside, the bars separate whole sequences. */
  private words(first: string, depth: number): Part {
    const all = [first];
    while (depth === 0 && this.lexemes[this.at] === '|') {
      all.push(this.lexemes[this.at + 1] ?? '');
      this.at += 2;
    }
    const bad = all.find((word) => !/^[\p{L}\p{N}@_']/u.test(word));
    if (bad !== undefined) throw new PatternError(`expects a word at "|${bad}"`);
    return {
      type: 'word',
      words: all.filter((word) => !word.endsWith('*')),
      prefixes: all.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)),
      isOptional: false,
    };
  }

  private list(name: string): Part {
    const entries = this.lists.get(name);
    if (entries === undefined) throw new PatternError(`knows no list <${name}>`);
    if (this.depth > MAX_DEPTH) throw new PatternError(`list <${name}> refers to itself`);
    const ways = entries.map((entry) => new PatternParser(entry, this.lists, this.depth + 1).parse());
    return { type: 'either', ways: mergeWords(ways), isOptional: false };
  }
}

function gap(max: number): Part {
  if (max > MAX_GAP) throw new PatternError(`a gap of more than ${MAX_GAP} words`);
  return { type: 'gap', max, isOptional: false };
}

/** Single plain words become one look-up. */
function mergeWords(ways: readonly (readonly Part[])[]): readonly (readonly Part[])[] {
  const words: string[] = [];
  const rest: (readonly Part[])[] = [];
  for (const way of ways) {
    const [only] = way;
    const isPlain =
      way.length === 1 && only?.type === 'word' && !only.isOptional && only.prefixes.length === 0;
    if (isPlain) words.push(...only.words);
    else rest.push(way);
  }
  if (words.length === 0) return rest;
  return [...rest, [{ type: 'word', words, prefixes: [], isOptional: false }]];
}

function link(parts: readonly Part[], after: PatternNode): PatternNode {
  return parts.reduceRight<PatternNode>((next, part) => {
    const node = linkPart(part, next);
    return part.isOptional ? nodes.either([node, next]) : node;
  }, after);
}

function linkPart(part: Part, next: PatternNode): PatternNode {
  switch (part.type) {
    case 'start':
    case 'end':
    case 'any':
    case 'number':
      return nodes[part.type](next);
    case 'word':
      return nodes.word(new Set(part.words), part.prefixes, next);
    case 'gap':
      return nodes.gap(part.max, next);
    case 'either':
      return linkWays(mergeWords(part.ways), next);
    case 'not':
      return nodes.not(link(part.what, nodes.accept()), next);
  }
}

function linkWays(ways: readonly (readonly Part[])[], next: PatternNode): PatternNode {
  const [only] = ways;
  if (ways.length === 1 && only !== undefined) return link(only, next);
  const linked = ways.map((way) => ({ firsts: firstsOf(way), node: link(way, next) }));
  const byWord = new Map<string, PatternNode[]>();
  for (const { firsts, node } of linked) {
    for (const word of firsts ?? []) byWord.set(word, [...(byWord.get(word) ?? []), node]);
  }
  const others = linked.filter(({ firsts }) => firsts === null).map(({ node }) => node);
  const choice = nodes.choice(new Map([...byWord].map(([word, all]) => [word, oneOf(all)])));
  return byWord.size === 0 ? nodes.either(others) : oneOf([choice, ...others]);
}

function oneOf(all: readonly PatternNode[]): PatternNode {
  const [only] = all;
  return all.length === 1 && only !== undefined ? only : nodes.either(all);
}

/** The words that a match of these parts can begin with, or null where it can be any. */
function firstsOf(parts: readonly Part[]): ReadonlySet<string> | null {
  const firsts = new Set<string>();
  for (const part of parts) {
    const own = firstsOfPart(part);
    if (own === null) return null;
    for (const word of own) firsts.add(word);
    if (!part.isOptional) return firsts;
  }
  return null;
}

function firstsOfPart(part: Part): ReadonlySet<string> | null {
  if (part.type === 'word') return part.prefixes.length === 0 ? new Set(part.words) : null;
  if (part.type !== 'either') return null;
  const ways = part.ways.map(firstsOf);
  if (ways.includes(null)) return null;
  return new Set(ways.flatMap((way) => [...(way ?? [])]));
}
