import type { Json } from '../../contracts/json.js';

/** A whole number of 16 digits or more outside a text; fractions and exponents stay what they are. */
const TEXT_OR_LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;
/** Whether the slow way is worth it: real ids come as texts, so nearly always it is not. */
const MAY_HAVE_LONG_INTEGER = /[:,[\s]-?\d{16,}/;

/**
 * Parses JSON without corrupting long ids: a whole number that a JavaScript number cannot hold exactly
 * becomes its text. Gong's ids have up to 20 digits.
 * @throws SyntaxError for what is not JSON.
 */
export function parseExactJson(text: string): Json {
  if (!MAY_HAVE_LONG_INTEGER.test(text)) return JSON.parse(text) as Json;
  const exact = text.replace(TEXT_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
  return JSON.parse(exact) as Json;
}
