import { vendorLink } from './vendor-link.js';

describe(vendorLink, () => {
  it.each([
    ['gong', 'https://app.gong.io/call?id=1'],
    ['gong', 'https://us-12345.app.gong.io/call?id=1'],
    ['zoho', 'https://crm.zoho.com.au/crm/org1/tab/Accounts/1'],
    ['zoho', 'https://crm.zohocloud.ca/crm'],
  ] as const)('keeps a link to %s: %s', (vendor, link) => {
    expect(vendorLink(vendor, link)).toBe(link);
  });

  it.each([
    ['another host', 'https://gong.io.evil.example/call'],
    ['a host that only ends like it', 'https://evilgong.io/call'],
    ['a host behind a user', 'https://gong.io@evil.example/'],
    ['a user', 'https://me:secret@app.gong.io/'],
    ['a port', 'https://app.gong.io:8443/'],
    ['plain http', 'http://app.gong.io/call'],
    ['a script', 'javascript:alert(1)//gong.io'],
    ['another vendor', 'https://crm.zoho.com/'],
    ['a relative address', '/call?id=1'],
    ['text', 'gong.io'],
  ])('drops %s', (_what, link) => {
    expect(vendorLink('gong', link)).toBeNull();
  });

  it('has nothing for nothing', () => {
    expect(vendorLink('zoho', null)).toBeNull();
  });
});
