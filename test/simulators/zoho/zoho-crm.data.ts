import { createHash } from 'node:crypto';

/** A lookup as the API shows it. */
export interface Lookup {
  readonly id: string;
  readonly name: string;
}

export type CrmRecord = { readonly id: string } & Readonly<Record<string, unknown>>;
export type CrmValues = Readonly<Record<string, unknown>>;

/** The modules this CRM has; a request for another is INVALID_MODULE. */
export const CRM_MODULES = ['Accounts', 'Contacts', 'Deals', 'Tasks', 'Events', 'Calls', 'Notes'] as const;
export type CrmModule = (typeof CRM_MODULES)[number];

/** As the wire says it (captures of v2 to v8: insert, update, delete; there is no restore event). */
export type WireOperation = 'insert' | 'update' | 'delete';

export interface CrmChange {
  readonly module: CrmModule;
  readonly operation: WireOperation;
  /** What changed, by record; one change of many records is one notification of many ids. */
  readonly values: ReadonlyMap<string, CrmValues>;
}

export interface DeletedRecord {
  readonly id: string;
  readonly display_name: string | null;
  readonly type: 'recycle' | 'permanent';
  readonly deleted_by: Lookup;
  readonly created_by: Lookup;
  readonly deleted_time: string;
}

export const USER: Lookup = { id: '6890123000000012001', name: 'Patricia Boyle' };
const NAME_FIELDS: Readonly<Record<CrmModule, string>> = {
  Accounts: 'Account_Name',
  Contacts: 'Full_Name',
  Deals: 'Deal_Name',
  Tasks: 'Subject',
  Events: 'Event_Title',
  Calls: 'Subject',
  Notes: 'Note_Title',
};

/** The records of a CRM, in memory. Every change but a restore is told to the listener. */
export class ZohoCrmData {
  private readonly records = new Map<CrmModule, Map<string, CrmRecord>>(
    CRM_MODULES.map((module) => [module, new Map<string, CrmRecord>()]),
  );
  private readonly bin = new Map<string, { module: CrmModule; record: CrmRecord; entry: DeletedRecord }>();
  private listener: (change: CrmChange) => void = () => undefined;
  private lastId = 6_890_123_000_000_451_000n;

  constructor(private readonly now: () => Date = () => new Date()) {}

  onChange(listener: (change: CrmChange) => void): void {
    this.listener = listener;
  }

  /** @returns the id of the new record. */
  insert(module: CrmModule, values: CrmValues): string {
    const id = String((this.lastId += 1n));
    const time = zohoTime(this.now());
    const record = { Owner: USER, Created_Time: time, Modified_Time: time, ...values, id };
    this.module(module).set(id, record);
    this.listener({ module, operation: 'insert', values: new Map([[id, {}]]) });
    return id;
  }

  update(module: CrmModule, id: string, values: CrmValues): void {
    this.updateMany(module, [[id, values]]);
  }

  /** Changes several records at once, as a mass update does. */
  updateMany(module: CrmModule, changes: readonly (readonly [string, CrmValues])[]): void {
    for (const [id, values] of changes) {
      const record = this.module(module).get(id);
      if (record === undefined) throw new Error(`no ${module} ${id}`);
      this.module(module).set(id, { ...record, ...values, id, Modified_Time: zohoTime(this.now()) });
    }
    this.listener({ module, operation: 'update', values: new Map(changes) });
  }

  delete(module: CrmModule, id: string): void {
    const record = this.module(module).get(id);
    if (record === undefined) throw new Error(`no ${module} ${id}`);
    this.module(module).delete(id);
    const name = record[NAME_FIELDS[module]];
    const entry: DeletedRecord = {
      id,
      display_name: typeof name === 'string' ? name : null,
      type: 'recycle',
      deleted_by: USER,
      created_by: USER,
      deleted_time: zohoTime(this.now()),
    };
    this.bin.set(id, { module, record, entry });
    this.listener({ module, operation: 'delete', values: new Map([[id, { Record_Status__s: 0 }]]) });
  }

  /** Takes a record out of the recycle bin; Zoho has no notification for that. */
  restore(id: string): void {
    const binned = this.bin.get(id);
    if (binned === undefined) throw new Error(`nothing deleted under ${id}`);
    this.bin.delete(id);
    this.module(binned.module).set(id, binned.record);
  }

  get(module: CrmModule, id: string): CrmRecord | undefined {
    return this.module(module).get(id);
  }

  all(module: CrmModule): CrmRecord[] {
    return [...this.module(module).values()];
  }

  deleted(module: CrmModule): DeletedRecord[] {
    return [...this.bin.values()].filter((binned) => binned.module === module).map(({ entry }) => entry);
  }

  /** A number that stands for the module, as Zoho's metadata ids do. */
  moduleId(module: string): string {
    const digest = createHash('sha256').update(module).digest();
    return `6890123000000${String(digest.readUInt32BE() % 1_000_000).padStart(6, '0')}`;
  }

  private module(name: CrmModule): Map<string, CrmRecord> {
    const records = this.records.get(name);
    if (records === undefined) throw new Error(`no module ${name}`);
    return records;
  }
}

/** ISO 8601 with the organisation's offset, to the second: Zoho shows no milliseconds. */
export function zohoTime(date: Date): string {
  const local = new Date(date.getTime() - 8 * 3_600_000);
  return `${local.toISOString().slice(0, 19)}-08:00`;
}
