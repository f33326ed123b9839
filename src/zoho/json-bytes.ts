const [QUOTE, BACKSLASH, COLON, COMMA] = Buffer.from('"\\:,');
const OPENING = Buffer.from('{[');
const CLOSING = Buffer.from('}]');
const BLANKS = Buffer.from(' \t\n\r');
/** Of the words only `true`, `false` and `null` have one of these, and never at the front. */
const OF_A_NUMBER = Buffer.from('+-.0123456789eE');

/** A place in bytes; `end` is the place after its last byte. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of the outermost object of a JSON text: its key as it is spelled, with quotes, and its value's place. */
export interface Member {
  readonly key: string;
  readonly value: Span;
}

/**
 * The members of the outermost object, in bytes that are valid JSON. Bytes and not characters, so that nothing is
 * changed by a way through a decoder; a loop and not a regular expression, because those give up on long texts.
 */
export function* outermostMembers(json: Buffer): Generator<Member> {
  let depth = 0;
  let key: Span = { start: 0, end: 0 };
  let valueStart: number | undefined;
  for (const { byte, start, end } of pieces(json)) {
    if (depth === 1 && (byte === COMMA || CLOSING.includes(byte))) {
      if (valueStart !== undefined) {
        yield { key: json.toString('latin1', key.start, key.end), value: trimmed(json, valueStart, start) };
      }
      valueStart = undefined;
    } else if (depth === 1 && valueStart === undefined) {
      if (byte === QUOTE) key = { start, end };
      if (byte === COLON) valueStart = end;
    }
    depth += depthChange(byte);
  }
}

/** The integers outside of texts that a JavaScript number could not hold, in bytes that are valid JSON. */
export function* longIntegers(json: Buffer): Generator<Span> {
  let numberEnd = 0;
  for (const { start } of pieces(json)) {
    if (start < numberEnd || !isOneOf(OF_A_NUMBER, json[start])) continue;
    numberEnd = start + 1;
    while (isOneOf(OF_A_NUMBER, json[numberEnd])) numberEnd += 1;
    const digits = json.toString('latin1', start, numberEnd);
    if (/^-?\d{16,}$/.test(digits) && !Number.isSafeInteger(Number(digits))) yield { start, end: numberEnd };
  }
}

/** The bytes one by one, but each text, from quote to quote, as one piece that is known by its first byte. */
function* pieces(json: Buffer): Generator<Span & { readonly byte: number }> {
  for (let start = 0, end = 0; start < json.length; start = end) {
    const byte = json.readUInt8(start);
    end = byte === QUOTE ? endOfText(json, start) : start + 1;
    yield { byte, start, end };
  }
}

/** The place after the closing quote of the text that opens here. */
function endOfText(json: Buffer, open: number): number {
  let place = open + 1;
  while (place < json.length && json[place] !== QUOTE) place += json[place] === BACKSLASH ? 2 : 1;
  return place + 1;
}

function depthChange(byte: number): number {
  if (OPENING.includes(byte)) return 1;
  return CLOSING.includes(byte) ? -1 : 0;
}

function trimmed(json: Buffer, start: number, end: number): Span {
  let first = start;
  let last = end;
  while (isOneOf(BLANKS, json[first])) first += 1;
  while (isOneOf(BLANKS, json[last - 1])) last -= 1;
  return { start: first, end: last };
}

function isOneOf(bytes: Buffer, byte: number | undefined): boolean {
  return byte !== undefined && bytes.includes(byte);
}
