import { accountsUrlOf, isZohoApiDomain } from './zoho-data-centres.js';

describe('the addresses of Zoho', () => {
  it.each([
    'https://www.zohoapis.com',
    'https://www.zohoapis.com.au',
    'https://www.zohoapis.ca/',
    'https://sandbox.zohoapis.eu',
  ])('are believed: %s', (url) => {
    expect(isZohoApiDomain(url)).toBe(true);
  });

  it.each([
    'http://www.zohoapis.com',
    'https://www.zohoapis.com.attacker.example',
    'https://zohoapis.com@attacker.example',
    'https://www.zohoapis.com:8443',
    'https://attacker.example/www.zohoapis.com',
    'https://evil-zohoapis.com',
    '',
    'www.zohoapis.com',
  ])('are not believed: %s', (url) => {
    expect(isZohoApiDomain(url)).toBe(false);
  });

  it('are by data centre', () => {
    expect(accountsUrlOf('ca')).toBe('https://accounts.zohocloud.ca');
    expect(accountsUrlOf('au')).toBe('https://accounts.zoho.com.au');
  });
});
