import { vendorPage } from './vendor-page.js';

describe('a page of the vendor', () => {
  it.each(['https://us-12345.app.gong.io/call?id=1&x=2', 'https://gong.io/'])('is %s', (address) => {
    expect(vendorPage('gong', address)).toBe(address);
  });

  it.each([
    null,
    '',
    'call 17',
    'http://app.gong.io/call?id=1',
    'javascript:alert(1)//app.gong.io',
    'https://app.gong.io.attacker.example/call',
    'https://notgong.io/call',
    'https://user:secret@app.gong.io/call',
    'https://app.gong.io:8443/call',
    'https://attacker.example/?https://app.gong.io/',
  ])('is not %s', (address) => {
    expect(vendorPage('gong', address)).toBeNull();
  });
});
