/**
 * One spelling for addresses that mean the same: lower-case scheme and host, no default port,
 * percent-encoding decoded where it changes nothing, query sorted, no trailing slash, no fragment. Gong
 * signs the address as somebody typed it into the rule, which need not be how we spell it.
 */
export function normalisedUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.searchParams.sort();
  const query = url.searchParams.toString();
  const path = oneSpelling(url.pathname).replace(/\/+$/, '');
  return `${url.origin}${path}${query === '' ? '' : `?${query}`}`;
}

/** Characters that mean something else when they are not encoded (RFC 3986, section 2.2), and the percent sign. */
const STAYS_ENCODED = /[^!-~]|[;/?:@&=+$,#[\]%]/;

/** Decodes what needs no encoding, and writes the rest in upper case; what is no encoding stays as it is. */
function oneSpelling(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(parseInt(encoded.slice(1), 16));
    return STAYS_ENCODED.test(character) ? encoded.toUpperCase() : character;
  });
}

/** Our routes; behind a proxy that rewrites paths an address may have none of them. */
const ROUTE = /\/webhook\/gong\/\w+(?=\?|$)/;

/**
 * The addresses a token may have been made for: the configured ones, or else our public address with the
 * path and query that were requested. Never the Host header, which the sender chooses. A configured address
 * that names another of our routes does not count: else a captured call could be sent again as a meeting.
 */
export function expectedWebhookUrls(
  configured: readonly string[],
  baseUrl: string | undefined,
  requestedUrl: string,
): readonly string[] {
  if (configured.length === 0) {
    return baseUrl === undefined ? [] : [normalisedUrl(baseUrl.replace(/\/+$/, '') + requestedUrl)];
  }
  const requestedRoute = routeOf(normalisedUrl(`http://here${requestedUrl}`));
  return configured.filter((url) => {
    const route = routeOf(url);
    return route === undefined || requestedRoute === undefined || route === requestedRoute;
  });
}

function routeOf(url: string): string | undefined {
  return ROUTE.exec(url)?.[0];
}
