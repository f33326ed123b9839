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
  return `${url.origin}${decodedPath(url.pathname).replace(/\/+$/, '')}${query === '' ? '' : `?${query}`}`;
}

function decodedPath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    // Not decodable percent signs: two such addresses are equal only when spelled equally.
    return path;
  }
}

/**
 * The addresses a token may have been made for: the configured ones, or else our public address with the
 * path and query that were requested. Never the Host header, which the sender chooses.
 */
export function expectedWebhookUrls(
  configured: ReadonlySet<string>,
  baseUrl: string | undefined,
  requestedUrl: string,
): ReadonlySet<string> {
  if (configured.size > 0 || baseUrl === undefined) return configured;
  return new Set([normalisedUrl(baseUrl.replace(/\/+$/, '') + requestedUrl)]);
}
