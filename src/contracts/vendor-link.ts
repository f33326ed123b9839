import type { Vendor } from './vendor.js';

/** Where the vendors' own pages are; `zoho` has a domain for each data centre. */
const PAGES: Readonly<Record<Vendor, RegExp>> = {
  gong: /^(?:[a-z0-9-]+\.)*gong\.io$/,
  zoho: /^(?:[a-z0-9-]+\.)*zoho(?:cloud\.ca|\.(?:com|eu|in|com\.au|jp|com\.cn|sa|uk|ae))$/,
};

/**
 * A link that a vendor gave, if it leads to the vendor: a payload may carry any text where a link belongs, and
 * people click on what a page of ours shows. Null for everything but https on the vendor's own domain.
 */
export function vendorLink(vendor: Vendor, link: string | null): string | null {
  if (link === null || !URL.canParse(link)) return null;
  const { protocol, hostname, port, username, password } = new URL(link);
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === '';
  return isPlain && PAGES[vendor].test(hostname) ? link : null;
}
