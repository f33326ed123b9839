import type { Vendor } from './vendor.js';

/** Where a vendor's pages for people are. */
const DOMAINS: Readonly<Record<Vendor, string>> = { gong: 'gong.io', zoho: 'zoho.com' };

/**
 * An address that may be put before people in another system: a page of the vendor's own, by https and without
 * credentials in it. Whatever else a payload calls an address is not one.
 * @returns the address in its normal form, or null.
 */
export function vendorPage(vendor: Vendor, address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  const { protocol, hostname, username, password, port, href } = new URL(address);
  const domain = DOMAINS[vendor];
  const isVendors = hostname === domain || hostname.endsWith(`.${domain}`);
  const isPlain = protocol === 'https:' && username === '' && password === '' && port === '';
  return isVendors && isPlain ? href : null;
}
