import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ZohoParts } from './zoho-parts.js';

const traits = (name: string, more: object = {}) => ({
  name,
  emailAddresses: [],
  domains: [],
  records: [],
  ...more,
});

describe('matching a conversation to an account', () => {
  let redis: TestRedis;
  let parts: ZohoParts;

  beforeAll(async () => {
    redis = await startRedis();
    parts = new ZohoParts(redis.url, {});
    const { index } = parts;
    await index.replace(
      '1',
      traits('Acme', {
        emailAddresses: ['jane@acme.example', 'shared@agency.example'],
        domains: ['acme.example', 'agency.example'],
        records: [
          { module: 'Contacts', id: '11' },
          { module: 'Deals', id: '12' },
        ],
      }),
    );
    await index.replace(
      '2',
      traits('Globex', {
        emailAddresses: ['shared@agency.example'],
        domains: ['globex.example', 'agency.example'],
      }),
    );
  });
  afterAll(async () => {
    await parts.close();
    await redis.stop();
  });

  const match = (emailAddresses: string[], crmObjects: { type: string; id: string }[] = []) =>
    parts.matcher.match({ emailAddresses, crmObjects });
  const ACME = { id: '1', name: 'Acme' };
  const GLOBEX = { id: '2', name: 'Globex' };

  it.each([
    ['the account that the vendor linked', [], [{ type: 'Account', id: '2' }], 'crm-context', GLOBEX],
    ['the account of a linked contact', [], [{ type: 'Contact', id: '11' }], 'crm-context', ACME],
    ['the account of a linked deal', [], [{ type: 'Opportunity', id: '12' }], 'crm-context', ACME],
    ['a contact by address, however it is written', [' Jane@ACME.example '], [], 'contact-email', ACME],
    ['a colleague by domain', ['new@globex.example'], [], 'domain', GLOBEX],
    ['a colleague under a domain of the company', ['new@eu.globex.example'], [], 'domain', GLOBEX],
    [
      'the linked account before an address',
      ['jane@acme.example'],
      [{ type: 'Account', id: '2' }],
      'crm-context',
      GLOBEX,
    ],
    [
      'an address where the link leads nowhere',
      ['jane@acme.example'],
      [{ type: 'Account', id: '001x' }],
      'contact-email',
      ACME,
    ],
  ])('finds %s', async (_what, emails, objects, by, account) => {
    expect(await match(emails, objects)).toEqual({ type: 'matched', by, account });
  });

  it('keeps it open where several fit', async () => {
    const both = { type: 'ambiguous', candidates: [ACME, GLOBEX] };
    expect(await match(['shared@agency.example'])).toEqual({ ...both, by: 'contact-email' });
    expect(await match(['other@agency.example'])).toEqual({ ...both, by: 'domain' });
    expect(await match(['x@acme.example', 'x@globex.example'])).toEqual({ ...both, by: 'domain' });
  });

  it.each([
    ['nobody', []],
    ['a free-mail address', ['somebody@gmail.com']],
    ['another company', ['somebody@initech.example']],
    ['no address', ['not an address']],
    ['a domain that merely ends alike', ['x@notacme.example']],
  ])('finds none for %s', async (_what, emails) => {
    expect(await match(emails)).toEqual({ type: 'none' });
  });

  it('follows an account that changes: what it lost no longer leads to it', async () => {
    await parts.index.replace(
      '3',
      traits('Initrode', { emailAddresses: ['a@old.example'], domains: ['old.example'] }),
    );
    await parts.index.replace(
      '3',
      traits('Initrode', { emailAddresses: ['a@new.example'], domains: ['new.example'] }),
    );
    expect(await match(['a@old.example'])).toEqual({ type: 'none' });
    expect(await match(['a@new.example'])).toMatchObject({ type: 'matched' });
    await parts.index.remove('3');
    expect(await match(['a@new.example'])).toEqual({ type: 'none' });
  });

  it('keeps no address in clear', async () => {
    expect((await parts.redis.keys('*')).join()).not.toMatch(/jane|shared/);
  });
});
