import type { Json, JsonObject } from '../contracts/json.js';

/** How a person is known in a CRM's JSON: by her address, and by the ids of the records that are she. */
export interface PersonInJson {
  isNamedIn(text: string): boolean;
  readonly recordIds: ReadonlySet<string>;
}

/** The contacts without the person, and the ids of the records that were she. */
export function contactsWithout(
  contacts: readonly Json[],
  person: PersonInJson,
): { readonly others: readonly Json[]; readonly recordIds: readonly string[] } {
  const hers = contacts.filter((contact) => isHers(contact, person));
  return {
    others: contacts.filter((contact) => !hers.includes(contact)),
    recordIds: hers.flatMap((contact) => idOf(contact) ?? []),
  };
}

/** A value without the texts that name the person, and without what points to her records; the rest stays as it is. */
export function jsonWithout(value: Json | undefined, person: PersonInJson): Json {
  if (typeof value === 'string') return person.isNamedIn(value) ? null : value;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => [item, jsonWithout(item, person)] as const);
    return items.filter(([before, after]) => after !== null || before === null).map(([, after]) => after);
  }
  if (typeof value !== 'object' || value === null) return value ?? null;
  const id = idOf(value);
  if (id !== undefined && person.recordIds.has(id)) return null;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, field]) => [key, jsonWithout(field, person)]),
  );
}

function isHers(contact: Json, person: PersonInJson): boolean {
  const id = idOf(contact);
  return (id !== undefined && person.recordIds.has(id)) || person.isNamedIn(JSON.stringify(contact));
}

function idOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { id } = value as JsonObject;
  return typeof id === 'string' ? id : undefined;
}
