import { Injectable } from '@nestjs/common';
import type {
  AccountClues,
  AccountMatch,
  AccountMatcher,
  MatchedAccount,
  MatchedBy,
} from '../../contracts/ports/account-matcher.port.js';
import { isRecordId } from '../zoho-values.js';
import { companyDomainOf, domainAndParents, emailAddress } from './email-domains.js';
import { ZohoAccountIndex } from './zoho-account.index.js';

/** How other systems call the objects that we know. */
const MODULE_OF_TYPE: Readonly<Record<string, string>> = {
  contact: 'Contacts',
  deal: 'Deals',
  opportunity: 'Deals',
};

/**
 * Finds the account of a conversation by what the account syncs have left in the index: the CRM objects linked
 * by the vendor, else the addresses of its contacts, else the domains of its website and contacts. The first
 * kind of clue that finds anything decides; if that is several accounts, all of them are the answer.
 */
@Injectable()
export class ZohoAccountMatcher implements AccountMatcher {
  constructor(private readonly index: ZohoAccountIndex) {}

  async match({ crmObjects, emailAddresses }: AccountClues): Promise<AccountMatch> {
    const addresses = emailAddresses.flatMap((text) => emailAddress(text) ?? []);
    const steps: readonly (readonly [MatchedBy, () => Promise<string[]>])[] = [
      ['crm-context', () => this.byCrmObjects(crmObjects)],
      ['contact-email', () => this.index.byEmailAddresses(addresses)],
      ['domain', () => this.byDomains(addresses)],
    ];
    for (const [by, find] of steps) {
      const accounts = await this.known(await find());
      const [account] = accounts;
      if (account === undefined) continue;
      return accounts.length === 1
        ? { type: 'matched', by, account }
        : { type: 'ambiguous', by, candidates: accounts };
    }
    return { type: 'none' };
  }

  private async byCrmObjects(objects: AccountClues['crmObjects']): Promise<string[]> {
    const ids = objects.filter(({ id }) => isRecordId(id));
    const accounts = ids.filter(({ type }) => type.toLowerCase() === 'account').map(({ id }) => id);
    // An account named as such is surer than one found over a person or a deal.
    if ((await this.known(accounts)).length > 0) return accounts;
    const found = await Promise.all(
      ids.map(async ({ type, id }) => {
        const module = MODULE_OF_TYPE[type.toLowerCase()];
        return module === undefined ? null : this.index.accountOf(module, id);
      }),
    );
    return found.filter((accountId) => accountId !== null);
  }

  /** Each domain by itself or by the nearest of its parents that some account has. */
  private async byDomains(addresses: readonly string[]): Promise<string[]> {
    const domains = new Set(addresses.flatMap((address) => companyDomainOf(address) ?? []));
    const found = await Promise.all([...domains].map((domain) => this.byDomain(domain)));
    return found.flat();
  }

  private async byDomain(domain: string): Promise<string[]> {
    for (const candidate of domainAndParents(domain)) {
      const accounts = await this.index.byDomains([candidate]);
      if (accounts.length > 0) return accounts;
    }
    return [];
  }

  /** Those that exist for us, each once, in a steady order. */
  private async known(accountIds: readonly string[]): Promise<MatchedAccount[]> {
    const ids = [...new Set(accountIds)].sort();
    const accounts = await Promise.all(ids.map((id) => this.index.known(id)));
    return accounts.filter((account) => account !== null);
  }
}
