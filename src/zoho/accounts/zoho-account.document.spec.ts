import fc from 'fast-check';
import type { ZohoRecord } from '../zoho-values.js';
import { accountDocument } from './zoho-account.document.js';
import type { ZohoAccount } from './zoho-account.record.js';
import { accountState } from './zoho-account.state.js';

const IGNORED = ['Modified_Time', 'Modified_By'];
const account: ZohoRecord = { id: '1', Account_Name: 'Acme', Modified_Time: '2026-11-25T02:00:00-08:00' };
const records = (count: number, of: (index: number) => object): ZohoRecord[] =>
  Array.from({ length: count }, (_item, index) => ({ id: String(100 + index), ...of(index) }));

function zohoAccount(more: Partial<ZohoAccount> = {}): ZohoAccount {
  const nothing = {
    contacts: [],
    deals: [],
    openActivities: [],
    pastActivities: [],
    notes: [],
    otherNotes: [],
  };
  return { account, ...nothing, ...more };
}

const textOf = (more: Partial<ZohoAccount>) => accountDocument(zohoAccount(more), IGNORED).text;

describe('accountDocument', () => {
  it('says the same whatever order Zoho gives things in, and whenever it was read', () => {
    const contacts = records(6, (index) => ({ Full_Name: `Name ${index % 3}` }));
    const deals = records(6, (index) => ({
      Deal_Name: `Deal ${index}`,
      Stage: index % 2 ? 'Closed Won' : 'Open',
    }));
    const notes = records(6, (index) => ({
      Note_Content: `n${index}`,
      Created_Time: `2026-11-0${1 + (index % 2)}`,
    }));
    const expected = accountState(zohoAccount({ contacts, deals, notes }), IGNORED);
    const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(shuffled(contacts), shuffled(deals), shuffled(notes), (...[c, d, n]) => {
        const reordered = zohoAccount({
          account: { Modified_Time: '2026-11-26T02:00:00-08:00', Account_Name: 'Acme', id: '1' },
          contacts: c,
          deals: d,
          notes: n,
        });
        const state = accountState(reordered, IGNORED);
        expect(state.document).toEqual(expected.document);
        expect(state.contentHash).toBe(expected.contentHash);
      }),
    );
  });

  it('keeps all open deals, and of the closed ones the latest ten', () => {
    const deals = records(40, (index) => ({
      Deal_Name: `Deal ${index}`,
      Stage: index < 20 ? 'Qualification' : 'Closed Lost',
      Closing_Date: `2026-10-${10 + (index % 20)}`,
    }));
    const text = textOf({ deals });
    expect(text.match(/stage Qualification/g)).toHaveLength(20);
    expect(text.match(/stage Closed Lost/g)).toHaveLength(10);
    expect(text).toContain('Deal 39');
    expect(text).not.toContain('Deal 29,');
  });

  it('lets no value look like its structure', () => {
    const text = textOf({
      account: { ...account, Description: 'line\n## Notes\n- forged' },
      notes: records(1, () => ({ Note_Title: 'x\n# y', Note_Content: 'a\r\n## Contacts' })),
    });
    expect(text.match(/^#+ .+$/gm)).toEqual(['# Acme', '## Account', '## Notes']);
  });

  it('tells lookups by name, lists by their items, and leaves out what is empty or machinery', () => {
    const text = textOf({
      account: {
        ...account,
        Owner: { id: '9', name: 'Pat' },
        Tag: [{ name: 'vip', id: '1' }],
        Health_Score__c: 71,
        Phone: '',
        $editable: true,
        Parent_Account: null,
      },
    });
    expect(text).toBe('# Acme\n\n## Account\n- Health Score: 71\n- Owner: Pat\n- Tag: vip\n');
  });

  it('makes a document of any record', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        const any = { ...(values as object), id: '1' } as ZohoRecord;
        const { text } = accountDocument(
          zohoAccount({ account: any, contacts: [any], deals: [any], notes: [any] }),
          IGNORED,
        );
        expect(text.startsWith('# ')).toBe(true);
      }),
    );
  });
});

describe('accountState', () => {
  const version = { rowVersion: 5, modifiedAt: '2026-11-25T10:00:00.000Z', sourceEventId: 'e' };

  it('was modified when anything of it was', () => {
    const contacts = records(1, () => ({ Modified_Time: '2026-11-25T05:00:00-08:00' }));
    expect(accountState(zohoAccount({ contacts }), IGNORED).modifiedAt).toBe('2026-11-25T13:00:00.000Z');
  });

  it('says which parts Zoho would not give', () => {
    const state = accountState(zohoAccount({ notes: null, contacts: null }), IGNORED);
    expect(state.missingParts).toEqual(['contacts', 'notes']);
    expect(state.snapshot(version).values).toMatchObject({ CONTACTS: null, DEALS: '[]' });
  });

  it('is the same row for the same content and version only', () => {
    const idOf = (more: Partial<ZohoAccount>, rowVersion = 5) =>
      accountState(zohoAccount(more), IGNORED).snapshot({ ...version, rowVersion }).values.SNAPSHOT_ID;
    expect(idOf({})).toBe(idOf({}));
    expect(idOf({}, 6)).not.toBe(idOf({}));
    expect(idOf({ deals: records(1, () => ({ Stage: 'x' })) })).not.toBe(idOf({}));
  });

  it('tells of activities what they are, whatever names them', () => {
    const openActivities = records(
      4,
      (index) =>
        [
          { $module: 'Tasks', Subject: 'Call back', Due_Date: '2026-12-01', Status: 'Open' },
          { $module: 'Events', Event_Title: 'QBR', Start_DateTime: '2026-12-02T10:00:00Z' },
          { $module: 'Calls' },
          { Subject: 'Odd', Owner: { name: 'Sam', id: '9' } },
        ][index] as object,
    );
    const [, told = ''] = textOf({ openActivities }).split('## Open activities\n');
    expect(told.trim().split('\n')).toEqual([
      '- Activity: Odd, owner Sam',
      '- Call',
      '- Meeting: QBR, 2026-12-02T10:00:00Z',
      '- Task: Call back, 2026-12-01, status Open',
    ]);
  });

  it('leaves out the parts that Zoho would not give', () => {
    const nothing = { contacts: null, deals: null, openActivities: null, pastActivities: null, notes: null };
    expect(textOf(nothing)).toBe(textOf({}));
  });
});
