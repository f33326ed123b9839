import fc from 'fast-check';
import { companyDomainOf, domainAndParents, emailAddress, websiteDomain } from './email-domains.js';

describe('domains of companies', () => {
  it.each([
    ['https://www.acme.example/about?x=1', 'acme.example'],
    ['acme.example', 'acme.example'],
    [' HTTP://Shop.Acme.example ', 'shop.acme.example'],
    ['www.acme.example:8080', 'acme.example'],
    ['gmail.com', null],
    ['not a website', null],
    ['localhost', null],
    ['', null],
  ])('of the website %j is %j', (text, domain) => {
    expect(websiteDomain(text)).toBe(domain);
  });

  it.each([
    ['Jane@ACME.example', 'acme.example'],
    ['somebody@Gmail.com', null],
    ['a@b', null],
    ['two@at@signs.example', null],
  ])('of the address %j is %j', (text, domain) => {
    expect(companyDomainOf(text)).toBe(domain);
  });

  it('has parents down to two labels', () => {
    expect(domainAndParents('a.b.acme.example')).toEqual([
      'a.b.acme.example',
      'b.acme.example',
      'acme.example',
    ]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(
          [emailAddress(text), websiteDomain(text)].every((it) => it === null || it === it.toLowerCase()),
        ).toBe(true);
      }),
    );
  });
});
