/** What stands where a person's words stood. */
export const ERASED = '[erased]';

/** RFC 5321: no longer address can be delivered to. */
export const LONGEST_ADDRESS = 254;
export const ADDRESS =
  /^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])$/;

/** An e-mail address in the form in which it is compared; null for what is none, or has letters beyond ASCII. */
export function emailAddressIn(text: string): string | null {
  const address = text.trim().toLowerCase();
  return address.length <= LONGEST_ADDRESS && ADDRESS.test(address) ? address : null;
}

/** What may stand right before an address: nothing, no letter of it, or an escape of JSON or of a form. */
const BEFORE = '(^|[^a-z0-9._%+-]|\\\\[nrt]|%[0-9a-f][0-9a-f])';
/** A dot ends a sentence, unless the name of the domain goes on after it. */
const AFTER = '($|[^a-z0-9.-]|[.]($|[^a-z0-9]))';

/**
 * A regular expression that finds an address as it may stand in text, JSON or a form, and not as a part of a longer
 * one; understood by JavaScript and by every warehouse. It is matched against lower case.
 */
export function mentionPattern(email: string): string {
  const address = [...email.toLowerCase()].map(letterPattern).join('');
  return `${BEFORE}${address}${AFTER}`;
}

/** A letter as it is, or as a form (`%2b`), and `@` as JSON may have it. */
function letterPattern(letter: string): string {
  if (/[a-z0-9_-]/.test(letter)) return letter;
  if (letter === '.') return '[.]';
  const plain = letter === '^' ? '\\^' : `[${letter}]`;
  const encoded = `%${letter.charCodeAt(0).toString(16)}`;
  return letter === '@' ? `(@|${encoded}|\\\\u0040)` : `(${plain}|${encoded})`;
}

/** Tells whether a text names an address. */
export function mentionOf(email: string): (text: string) => boolean {
  const pattern = new RegExp(mentionPattern(email));
  const [beginning = ''] = /^[a-z0-9._-]*/.exec(email.toLowerCase()) ?? [];
  return (text) => {
    const lower = text.toLowerCase();
    // Nearly every text lacks it, and this is much cheaper than the pattern.
    return lower.includes(beginning) && pattern.test(lower);
  };
}
