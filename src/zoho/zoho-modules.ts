/** What can happen to a record, in our words; the wire says insert, update, delete (captures of v2 to v8). */
export type ZohoOperation = 'create' | 'update' | 'delete' | 'restore';

/** The modules whose records concern an account. Events is the API name of meetings. */
export const KNOWN_MODULES = [
  'Accounts',
  'Contacts',
  'Deals',
  'Tasks',
  'Events',
  'Calls',
  'Notes',
  'Activities',
] as const;
export type ZohoModule = (typeof KNOWN_MODULES)[number];

const ALIASES: Readonly<Record<string, ZohoModule>> = { meetings: 'Events', potentials: 'Deals' };

const OPERATIONS: Readonly<Record<string, ZohoOperation>> = {
  insert: 'create',
  insertion: 'create',
  create: 'create',
  created: 'create',
  add: 'create',
  update: 'update',
  updated: 'update',
  edit: 'update',
  edited: 'update',
  delete: 'delete',
  deleted: 'delete',
  deletion: 'delete',
  remove: 'delete',
  restore: 'restore',
  restored: 'restore',
};

/** A module's name in the spelling of the API; an unknown one stays as it is. */
export function moduleName(name: string): string {
  const lowered = name.toLowerCase();
  const known = KNOWN_MODULES.find((module) =>
    [module.toLowerCase(), module.toLowerCase().replace(/s$/, '')].includes(lowered),
  );
  return known ?? ALIASES[lowered] ?? ALIASES[`${lowered}s`] ?? name;
}

export function isKnownModule(name: string): name is ZohoModule {
  return KNOWN_MODULES.some((module) => module === name);
}

/** Our word for an operation, or null for one that nobody documents. */
export function operationName(name: string): ZohoOperation | null {
  return OPERATIONS[name.toLowerCase()] ?? null;
}
