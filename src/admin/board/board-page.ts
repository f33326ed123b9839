/** Nothing but what we serve ourselves; the board sets styles from its scripts. */
export const BOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
].join('; ');

const PLACEHOLDER = /<%([=-]) (\w+) %>/g;
/** Fonts of somebody else's server; the page has others to fall back to. */
const FOREIGN_LINK = /<link [^>]*href="https?:[^>]*>/g;
const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * The page of the board from its template, of which it uses two forms: `<%= name %>` is escaped, `<%- name %>`
 * (JSON in which Bull Board has escaped what could end its script) is not.
 */
export function boardPage(template: string, values: Readonly<Record<string, string | undefined>>): string {
  return template.replaceAll(FOREIGN_LINK, '').replaceAll(PLACEHOLDER, (_all, form: string, name: string) => {
    const value = values[name] ?? '';
    return form === '-' ? value : value.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  });
}
