/** One part of a pattern as written, before it is linked to what follows. */
export type Part =
  | { readonly type: 'start' | 'end' | 'any' | 'number'; readonly isOptional: boolean }
  | {
      readonly type: 'word';
      readonly words: readonly string[];
      readonly prefixes: readonly string[];
      readonly isOptional: boolean;
    }
  | { readonly type: 'gap'; readonly max: number; readonly isOptional: boolean }
  | { readonly type: 'either'; readonly ways: readonly (readonly Part[])[]; readonly isOptional: boolean }
  | { readonly type: 'not'; readonly what: readonly Part[]; readonly isOptional: boolean };

/** At least and at most so many words. */
export interface Extent {
  readonly min: number;
  readonly max: number;
}

/** How many words a match of the parts takes: bounded, because nothing repeats without end. */
export function extentOf(parts: readonly Part[]): Extent {
  return parts.map(extentOfPart).reduce(inSequence, NO_WORDS);
}

export function extentOfPart(part: Part): Extent {
  const extent = extentWhenThere(part);
  return part.isOptional ? { min: 0, max: extent.max } : extent;
}

export const NO_WORDS: Extent = { min: 0, max: 0 };
const ONE_WORD: Extent = { min: 1, max: 1 };

export function inSequence(a: Extent, b: Extent): Extent {
  return { min: a.min + b.min, max: a.max + b.max };
}

/** What holds whichever of them it is. */
export function eitherOf(extents: readonly Extent[]): Extent {
  return {
    min: Math.min(...extents.map(({ min }) => min)),
    max: Math.max(...extents.map(({ max }) => max)),
  };
}

function extentWhenThere(part: Part): Extent {
  switch (part.type) {
    case 'start':
    case 'end':
    case 'not':
      return NO_WORDS;
    case 'any':
    case 'number':
    case 'word':
      return ONE_WORD;
    case 'gap':
      return { min: 0, max: part.max };
    case 'either':
      return eitherOf(part.ways.map(extentOf));
  }
}
