import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ZohoRecord } from '../zoho-values.js';
import { ZohoPatience } from './zoho-patience.js';
import { MAX_IDS, ZohoRecordsClient } from './zoho-records.client.js';

interface Waiting {
  readonly found: Promise<ZohoRecord | undefined>;
  readonly resolve: (record: ZohoRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Look-ups by id that share requests: one request of a module is in flight, and whatever is asked meanwhile
 * goes with the next, up to 50 ids. So the batches grow exactly when there is much to do.
 */
@Injectable()
export class ZohoLookups {
  private readonly modules = new Map<string, Map<string, Waiting>>();

  constructor(
    private readonly records: ZohoRecordsClient,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
  ) {}

  /**
   * @param fields the same for every look-up of a module.
   * @returns undefined for a record that does not exist (any more).
   */
  find(module: string, id: string, fields: readonly string[]): Promise<ZohoRecord | undefined> {
    const running = this.modules.get(module);
    const waiting = running ?? new Map<string, Waiting>();
    const asked = waiting.get(id)?.found;
    if (asked !== undefined) return asked;
    const entry = waitingEntry();
    waiting.set(id, entry);
    if (running === undefined) {
      this.modules.set(module, waiting);
      void this.work(module, fields, waiting);
    }
    return entry.found;
  }

  /** Asks until nobody waits; a failure is told to those who wait, and never ends the others. */
  private async work(
    module: string,
    fields: readonly string[],
    waiting: Map<string, Waiting>,
  ): Promise<void> {
    await pause(this.patience.batchWindowMs);
    while (waiting.size > 0) await this.oneRequest(module, fields, waiting);
    this.modules.delete(module);
  }

  private async oneRequest(
    module: string,
    fields: readonly string[],
    waiting: Map<string, Waiting>,
  ): Promise<void> {
    let taken = new Map<string, Waiting>();
    const take = () => {
      taken = new Map([...waiting].slice(0, MAX_IDS));
      for (const id of taken.keys()) waiting.delete(id);
      return [...taken.keys()];
    };
    try {
      const found = await this.records.byIds(module, fields, take);
      const byId = new Map(found.map((record) => [record.id, record]));
      for (const [id, { resolve }] of taken) resolve(byId.get(id));
    } catch (error) {
      // Refused before it could leave: it would be refused for all who wait.
      if (taken.size === 0) take();
      for (const { reject } of taken.values()) reject(error);
    }
  }
}

function waitingEntry(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const found = new Promise<ZohoRecord | undefined>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { found, resolve, reject };
}
