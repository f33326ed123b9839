import type { Json, JsonObject } from '../contracts/json.js';
import { isJsonObject } from './gong-call.payload.js';

export type CallGroup = 'metaData' | 'content' | 'interaction' | 'collaboration';
export type CallList = 'context' | 'parties';

/** An object, and the path of its fields for reports and evidence. */
export interface Place {
  readonly object: JsonObject;
  readonly path: string;
}

/** What is known of a user of Gong; fills what a call leaves out about our own people. */
export interface KnownPerson {
  readonly name: string | null;
  readonly emailAddress: string | null;
  readonly title: string | null;
}

const GROUPS: readonly CallGroup[] = ['metaData', 'content', 'interaction', 'collaboration'];
const LISTS: readonly CallList[] = ['context', 'parties'];

/**
 * A call as its webhook tells it (`callData.`) and as Gong's API tells it later (`call.`). Both have the same
 * shape; the API's word counts, field by field, where it says anything.
 */
export class CallSources {
  constructor(
    private readonly callData: JsonObject,
    private readonly call: JsonObject | null,
  ) {}

  /** The group whose `key` counts. */
  group(group: CallGroup, key: string): Place {
    const fetched = objectOf(this.call?.[group]);
    if (saysSomething(fetched[key])) return { object: fetched, path: `call.${group}.` };
    return { object: objectOf(this.callData[group]), path: `callData.${group}.` };
  }

  /** The object whose list counts. */
  list(key: CallList): Place {
    if (this.call !== null && saysSomething(this.call[key])) return { object: this.call, path: 'call.' };
    return { object: this.callData, path: 'callData.' };
  }

  /** All of both in one, in the shape of `callData`: for rows. */
  merged(): JsonObject {
    const groups = GROUPS.map((group) => {
      const fetched = Object.entries(objectOf(this.call?.[group])).filter(([, value]) =>
        saysSomething(value),
      );
      return [group, { ...objectOf(this.callData[group]), ...Object.fromEntries(fetched) }] as const;
    });
    const lists = LISTS.map((key) => [key, this.list(key).object[key] ?? []] as const);
    return { ...this.callData, ...Object.fromEntries([...groups, ...lists]) };
  }

  /** Ids of our own people of whom the call gives no name or no address. */
  unnamedUserIds(): string[] {
    return partiesOf(this.list('parties')).flatMap((party) =>
      isUnnamed(party) && typeof party.userId === 'string' ? [party.userId] : [],
    );
  }

  /** The same call with what is known of our own people filled in. */
  naming(people: ReadonlyMap<string, KnownPerson>): CallSources {
    if (people.size === 0) return this;
    const { object } = this.list('parties');
    const parties = (object.parties as readonly Json[]).map((party) => named(party, people));
    const isFetched = object === this.call;
    return new CallSources(
      isFetched ? this.callData : { ...this.callData, parties },
      isFetched ? { ...this.call, parties } : this.call,
    );
  }
}

function saysSomething(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function partiesOf({ object }: Place): JsonObject[] {
  return Array.isArray(object.parties) ? (object.parties as readonly Json[]).filter(isJsonObject) : [];
}

function isUnnamed(party: JsonObject): boolean {
  const isOurs = party.affiliation === 'Internal';
  return isOurs && !(saysSomething(party.name) && saysSomething(party.emailAddress));
}

function named(party: Json, people: ReadonlyMap<string, KnownPerson>): Json {
  const person =
    isJsonObject(party) && typeof party.userId === 'string' ? people.get(party.userId) : undefined;
  if (person === undefined || !isJsonObject(party) || !isUnnamed(party)) return party;
  const { name, emailAddress, title } = person;
  const own = Object.fromEntries(Object.entries(party).filter(([, value]) => saysSomething(value)));
  return { ...party, name, emailAddress, title, ...own };
}
