import { mentionOf } from '../contracts/mention.js';
import { contactsWithout, jsonWithout } from './person-in-json.js';

const ana = (...ids: string[]) => ({ isNamedIn: mentionOf('ana@corp.example'), recordIds: new Set(ids) });

describe(contactsWithout, () => {
  it('takes out the person, by address and by id, and keeps the others', () => {
    const contacts = [
      { id: '1', Email: 'Ana@corp.example' },
      { id: '2', Email: 'bob@corp.example' },
      { id: '3', Full_Name: 'Ana, without an address' },
    ];
    expect(contactsWithout(contacts, ana('3'))).toEqual({ others: [contacts[1]], recordIds: ['1', '3'] });
  });
});

describe(jsonWithout, () => {
  it('empties what names her and what points to her, and nothing else', () => {
    const record = {
      id: '9',
      Account_Name: 'Corp',
      Billing_Contact: { id: '1', name: 'Ana' },
      Owner: { id: '7', name: 'Sam', email: 'sam@vendor.example' },
      Description: 'ask ana@corp.example',
      Emails: ['ana@corp.example', 'office@corp.example'],
      Employees: 12,
      Parent_Account: null,
    };
    expect(jsonWithout(record, ana('1'))).toEqual({
      ...record,
      Billing_Contact: null,
      Description: null,
      Emails: ['office@corp.example'],
    });
  });

  it('leaves what is without her as it is', () => {
    const values = [null, 1, true, 'text', [null, 1], { a: [{ b: null }] }];
    expect(values.map((value) => jsonWithout(value, ana('1')))).toEqual(values);
    expect(jsonWithout(undefined, ana())).toBeNull();
  });
});
