import { loadConfig } from '../../config/load-config.js';
import type { ReadOutcome, ZohoRead, ZohoRecordsClient } from '../api/zoho-records.client.js';
import type { ZohoRecord } from '../zoho-values.js';
import type { ZohoAccountIndex } from './zoho-account.index.js';
import { ZohoAccountSource } from './zoho-account.source.js';

const pageOf = (...records: ZohoRecord[]): ReadOutcome => ({ records, hasMore: false });
const ACCOUNT = pageOf({ id: '1', Account_Name: 'Contoso', Website: 'https://www.contoso.example' });

/** The parts of an account in the order in which they are read. */
interface Parts {
  readonly account?: ReadOutcome;
  readonly contacts?: ReadOutcome;
  readonly deals?: ReadOutcome;
  readonly open?: ReadOutcome;
  readonly notes?: ReadOutcome;
  readonly past?: ReadOutcome;
}

function sourceOf(parts: Parts, ...later: ReadOutcome[][]) {
  const {
    account = ACCOUNT,
    contacts = 'none',
    deals = 'none',
    open = 'none',
    notes = 'none',
    past = 'none',
  } = parts;
  const answers = [[account, contacts, deals, open, notes, past], ...later];
  const asked: (readonly ZohoRead[])[] = [];
  const noted: unknown[] = [];
  const readTogether = (reads: readonly ZohoRead[]) => {
    asked.push(reads);
    return Promise.resolve(answers.shift() ?? []);
  };
  const page = (read: ZohoRead) => {
    asked.push([read]);
    return Promise.resolve(pageOf({ id: '71' }, { id: '72' }));
  };
  const index = {
    remove: (id: string) => Promise.resolve(noted.push(['removed', id])),
    replace: (_id: string, traits: unknown) => Promise.resolve(noted.push(traits)),
  } as unknown as ZohoAccountIndex;
  const records = { readTogether, page } as unknown as ZohoRecordsClient;
  return { source: new ZohoAccountSource(records, index, loadConfig({})), asked, noted };
}

describe('an account as Zoho gives it', () => {
  it('that is not there any more is deleted, and nothing leads to it', async () => {
    const { source, noted } = sourceOf({ account: 'none' });
    expect((await source.read('1')).document).toBeNull();
    expect(noted).toEqual([['removed', '1']]);
  });

  it.each([['refused'], [{ records: [], hasMore: false }]] as ReadOutcome[][])(
    'that is %j is not taken for deleted',
    async (account) => {
      const { source, noted } = sourceOf({ account });
      await expect(source.read('1')).rejects.toMatchObject({ code: 'ZOHO.FORBIDDEN', retry: 'never' });
      expect(noted).toEqual([]);
    },
  );

  it('is known by its website, and by what belongs to it', async () => {
    const { source, noted } = sourceOf({
      contacts: pageOf(
        { id: '2', Email: 'Dana@Contoso.example' },
        { id: '3' },
        { id: '4', Email: 'x@gmail.com' },
      ),
      deals: pageOf({ id: '5' }),
      open: pageOf({ id: '6', $module: 'Tasks' }, { id: '7' }),
      past: pageOf({ id: '8', $module: 'Calls' }),
      notes: pageOf({ id: '9' }),
    });
    await source.read('1');
    expect(noted).toEqual([
      {
        name: 'Contoso',
        emailAddresses: ['dana@contoso.example', 'x@gmail.com'],
        domains: ['contoso.example'],
        records: [
          { module: 'Contacts', id: '2' },
          { module: 'Contacts', id: '3' },
          { module: 'Contacts', id: '4' },
          { module: 'Deals', id: '5' },
          { module: 'Notes', id: '9' },
          { module: 'Tasks', id: '6' },
          { module: 'Calls', id: '8' },
        ],
      },
    ]);
  });

  it('is remembered without the parts that Zoho refuses', async () => {
    const refused = 'refused' as const;
    const all = { contacts: refused, deals: refused, open: refused, notes: refused, past: refused };
    const { source, noted } = sourceOf({ ...all, account: pageOf({ id: '1' }) });
    expect((await source.read('1')).document?.text).toContain('Account 1');
    expect(noted).toEqual([{ name: null, emailAddresses: [], domains: [], records: [] }]);
  });

  it('is read whole where a composite answer cut a list off', async () => {
    const { source, asked, noted } = sourceOf({ deals: { records: [{ id: '71' }], hasMore: true } });
    await source.read('1');
    expect(asked[1]).toMatchObject([{ path: 'Accounts/1/Deals' }]);
    expect(noted).toMatchObject([{ records: [{ id: '71' }, { id: '72' }] }]);
  });

  it.each([
    ['gives', pageOf({ id: '20', Note_Content: 'Of a deal.' }), ['9', '20']],
    ['refuses', 'refused', ['9']],
    ['has lost', 'none', ['9']],
  ] as [string, ReadOutcome, string[]][])(
    'is read with the notes of its deals that Zoho %s',
    async (_does, other, ids) => {
      const notes = pageOf({ id: '9', Note_Content: 'Its own.' });
      const { source, asked } = sourceOf({ notes }, [other]);
      const { facts } = await source.read('1', ['9', '20']);
      expect(asked[1]).toMatchObject([{ path: 'Notes', query: { ids: '20' } }]);
      expect(facts?.notes?.map(({ id }) => id)).toEqual(ids);
    },
  );
});
