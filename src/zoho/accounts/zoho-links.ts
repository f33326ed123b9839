import type { ZohoModule, ZohoOperation } from '../zoho-modules.js';
import { isObject, lookupOf, textOf } from '../zoho-values.js';
import type { JsonObject } from '../../contracts/json.js';

/** Where a record points to on its way to an account. */
export interface ZohoLink {
  readonly module: 'Accounts' | 'Contacts' | 'Deals';
  readonly id: string;
}

/** Modules whose records point to an account, directly or over others. */
export type LinkedModule = Exclude<ZohoModule, 'Accounts' | 'Activities'>;

const WITH_LINKS = ['Accounts', 'Contacts', 'Deals'] as const;
const ACTIVITY_FIELDS = ['What_Id', 'Who_Id', '$se_module'];

/** What must be asked of a record to see its links; `$se_module` does not come unasked in lists. */
export const LINK_FIELDS: Readonly<Record<LinkedModule, readonly string[]>> = {
  Contacts: ['Account_Name'],
  Deals: ['Account_Name'],
  Tasks: ACTIVITY_FIELDS,
  Events: ACTIVITY_FIELDS,
  Calls: ACTIVITY_FIELDS,
  Notes: ['Parent_Id', '$se_module'],
};

/** `Activities` is no module of its own: the record is in one of these. */
export const ACTIVITY_MODULES: readonly LinkedModule[] = ['Tasks', 'Events', 'Calls'];

/**
 * The links of a record in the order in which they are followed until an account is found: contacts and deals
 * by `Account_Name`; activities by `What_Id`, whose module is `$se_module`, else by the person of `Who_Id`
 * (who may be a lead: then nothing is found); notes by `Parent_Id`, which names its module since v3.
 */
export function linksOf(module: LinkedModule, record: JsonObject): ZohoLink[] {
  switch (module) {
    case 'Contacts':
    case 'Deals':
      return links(['Accounts', record.Account_Name]);
    case 'Tasks':
    case 'Events':
    case 'Calls':
      return links([textOf(record.$se_module), record.What_Id], ['Contacts', record.Who_Id]);
    case 'Notes':
      return links([parentModule(record), record.Parent_Id]);
  }
}

function links(...candidates: readonly (readonly [string | null, JsonObject[string]])[]): ZohoLink[] {
  return candidates.flatMap(([name, value]) => {
    const module = WITH_LINKS.find((known) => known === name);
    const id = lookupOf(value)?.id;
    return module === undefined || id === undefined ? [] : [{ module, id }];
  });
}

function parentModule(note: JsonObject): string | null {
  const parent = isObject(note.Parent_Id) ? note.Parent_Id.module : undefined;
  return (isObject(parent) ? textOf(parent.api_name) : textOf(parent)) ?? textOf(note.$se_module);
}

/** A change of fields that matter to nobody, and of nothing else. A body that names no fields may mean any. */
export function isIgnored(
  operation: ZohoOperation | null,
  changedFields: readonly string[],
  ignoredFields: readonly string[],
): boolean {
  const isUpdate = operation === 'update' || operation === null;
  return (
    isUpdate && changedFields.length > 0 && changedFields.every((field) => ignoredFields.includes(field))
  );
}

/** An account's own change that memory must hear of even where its text stays the same. */
export function isForced(
  module: string,
  operation: ZohoOperation | null,
  changedFields: readonly string[],
  criticalFields: readonly string[],
): boolean {
  if (module !== 'Accounts') return false;
  const isWhole = operation === 'delete' || operation === 'restore';
  return isWhole || changedFields.some((field) => criticalFields.includes(field));
}
