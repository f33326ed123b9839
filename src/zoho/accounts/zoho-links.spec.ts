import type { JsonObject } from '../../contracts/json.js';
import { isForced, isIgnored, type LinkedModule, linksOf } from './zoho-links.js';

const ACCOUNT = { id: '1', name: 'Acme' };
const DEAL = { id: '2', name: 'Renewal' };
const PERSON = { id: '3', name: 'Jane Roe' };
const to = (module: string, id: string) => ({ module, id });

describe('linksOf', () => {
  const cases: [string, LinkedModule, JsonObject, object[]][] = [
    ['a contact', 'Contacts', { Account_Name: ACCOUNT }, [to('Accounts', '1')]],
    ['a contact of nobody', 'Contacts', { Account_Name: null }, []],
    ['a deal', 'Deals', { Account_Name: ACCOUNT, Contact_Name: PERSON }, [to('Accounts', '1')]],
    ['a task of an account', 'Tasks', { What_Id: ACCOUNT, $se_module: 'Accounts' }, [to('Accounts', '1')]],
    [
      'a meeting of a deal with a person: the deal first',
      'Events',
      { What_Id: DEAL, $se_module: 'Deals', Who_Id: PERSON },
      [to('Deals', '2'), to('Contacts', '3')],
    ],
    ['a call of a person', 'Calls', { What_Id: null, Who_Id: PERSON }, [to('Contacts', '3')]],
    ['an activity of a module without accounts', 'Tasks', { What_Id: DEAL, $se_module: 'Quotes' }, []],
    ['an activity that does not say which module', 'Tasks', { What_Id: ACCOUNT }, []],
    [
      'a note since v3',
      'Notes',
      { Parent_Id: { ...DEAL, module: { api_name: 'Deals', id: '9' } } },
      [to('Deals', '2')],
    ],
    ['a note of v2', 'Notes', { Parent_Id: ACCOUNT, $se_module: 'Accounts' }, [to('Accounts', '1')]],
    ['a lookup whose id is no id', 'Contacts', { Account_Name: { id: '../users', name: 'x' } }, []],
  ];
  it.each(cases)('follows %s', (_what, module, record, links) => {
    expect(linksOf(module, record)).toEqual(links);
  });
});

describe('what a change of an account is worth', () => {
  const IGNORED = ['Modified_By', 'Last_Activity_Time'];
  const CRITICAL = ['Account_Status'];

  it.each([
    ['only noise', 'update', ['Modified_By', 'Last_Activity_Time'], true],
    ['noise and more', 'update', ['Modified_By', 'Phone'], false],
    ['no field named', 'update', [], false],
    ['a deletion, whose fields are noise', 'delete', ['Modified_By'], false],
    ['a creation', 'create', ['Modified_By'], false],
  ] as const)('%s', (_what, operation, fields, ignored) => {
    expect(isIgnored(operation, fields, IGNORED)).toBe(ignored);
  });

  it.each([
    ['a critical field', 'Accounts', 'update', ['Phone', 'Account_Status'], true],
    ['another field', 'Accounts', 'update', ['Phone'], false],
    ['a critical field of something else', 'Deals', 'update', ['Account_Status'], false],
    ['a deletion', 'Accounts', 'delete', [], true],
    ['a restore', 'Accounts', 'restore', [], true],
    ['a creation', 'Accounts', 'create', [], false],
  ] as const)('is forced or not by %s', (_what, module, operation, fields, forced) => {
    expect(isForced(module, operation, fields, CRITICAL)).toBe(forced);
  });
});
