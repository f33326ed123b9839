import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../contracts/json.js';
import { ZohoLookups } from '../api/zoho-lookups.js';
import type { ZohoModule, ZohoOperation } from '../zoho-modules.js';
import { ACTIVITY_MODULES, LINK_FIELDS, type LinkedModule, linksOf, type ZohoLink } from './zoho-links.js';
import { ZohoAccountIndex } from './zoho-account.index.js';

export interface RecordChange {
  readonly module: ZohoModule;
  readonly recordId: string;
  readonly operation: ZohoOperation | null;
  /** Fields that the notification itself carries. */
  readonly values: JsonObject;
}

/** The accounts a change concerns: two where a record has moved from one to another, none where it has none. */
export interface Route {
  readonly accountIds: readonly string[];
  /** What to remember for the day when the record can no longer be asked. */
  readonly learned: { readonly module: LinkedModule; readonly accountId: string } | null;
  /** Why there is no account. */
  readonly reason: string | null;
}

/** Follows the links of a record to its account. Asks Zoho only for what the notification does not say. */
@Injectable()
export class ZohoEventRouter {
  constructor(
    private readonly lookups: ZohoLookups,
    private readonly index: ZohoAccountIndex,
  ) {}

  /** @throws AppError of the API client. */
  async route({ module, recordId, operation, values }: RecordChange): Promise<Route> {
    if (module === 'Accounts') return { accountIds: [recordId], learned: null, reason: null };
    const modules = module === 'Activities' ? ACTIVITY_MODULES : [module];
    const before = await this.accountBefore(modules, recordId);
    if (operation === 'delete') return routeOf([before], null, 'was deleted, and its account is not known');
    const found = await this.linksOfRecord(modules, recordId, values);
    if (found === undefined) {
      return routeOf([before], null, 'is not there any more, and its account is not known');
    }
    const accountId = await this.accountAt(found.links);
    const learned = accountId === null ? null : { module: found.module, accountId };
    return routeOf([accountId, before], learned, 'belongs to no account');
  }

  private async accountBefore(modules: readonly LinkedModule[], recordId: string): Promise<string | null> {
    const known = await Promise.all(modules.map((module) => this.index.accountOf(module, recordId)));
    return known.find((accountId) => accountId !== null) ?? null;
  }

  private async linksOfRecord(
    modules: readonly LinkedModule[],
    recordId: string,
    values: JsonObject,
  ): Promise<{ module: LinkedModule; links: readonly ZohoLink[] } | undefined> {
    const [first] = modules;
    if (modules.length === 1 && first !== undefined) {
      const links = linksOf(first, values);
      if (links.some(({ module }) => module === 'Accounts')) return { module: first, links };
    }
    const found = await Promise.all(
      modules.map(async (module) => {
        const record = await this.lookups.find(module, recordId, LINK_FIELDS[module]);
        return record === undefined ? [] : [{ module, links: linksOf(module, record) }];
      }),
    );
    return found.flat()[0];
  }

  /** The account of the first link that leads to one. */
  private async accountAt(links: readonly ZohoLink[]): Promise<string | null> {
    for (const { module, id } of links) {
      if (module === 'Accounts') return id;
      const record = await this.lookups.find(module, id, LINK_FIELDS[module]);
      const account = record === undefined ? undefined : linksOf(module, record)[0];
      if (account !== undefined) return account.id;
    }
    return null;
  }
}

function routeOf(accountIds: readonly (string | null)[], learned: Route['learned'], reason: string): Route {
  const ids = [...new Set(accountIds.filter((id) => id !== null))];
  return { accountIds: ids, learned, reason: ids.length === 0 ? reason : null };
}
