import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { MatchedAccount } from '../../contracts/ports/account-matcher.port.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../../contracts/ports/person-eraser.port.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';

/** What an account is known by. */
export interface AccountTraits {
  readonly name: string | null;
  /** In lower case. */
  readonly emailAddresses: readonly string[];
  /** In lower case, without free-mail domains. */
  readonly domains: readonly string[];
  /** Records that belong to it, by module. */
  readonly records: readonly { readonly module: string; readonly id: string }[];
}

/** An account that is found by nothing: it was deleted. */
const NO_TRAITS: AccountTraits = { name: null, emailAddresses: [], domains: [], records: [] };

const recordsKey = (module: string) => `${KEY_PREFIX}:zoho:account-of:${module}`;
const traitKey = (trait: string) => `${KEY_PREFIX}:zoho:accounts-by:${trait}`;
const accountKey = (accountId: string) => `${KEY_PREFIX}:zoho:account:${accountId}`;

/**
 * What belongs to which account, as the last sync of each account saw it: records, addresses, domains.
 * Addresses are kept as hashes: they are only ever compared.
 */
@Injectable()
@ErasesPersons('crm-index')
export class ZohoAccountIndex implements PersonEraser {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** Replaces all that was known of an account, in one step; what it has lost no longer leads to it. */
  async replace(accountId: string, traits: AccountTraits): Promise<void> {
    const known = await this.redis.hget(accountKey(accountId), 'traits');
    const before = known === null ? [] : (JSON.parse(known) as string[]);
    const now = traitsOf(traits);
    const transaction = this.redis.multi();
    for (const trait of before) if (!now.includes(trait)) transaction.srem(traitKey(trait), accountId);
    for (const trait of now) transaction.sadd(traitKey(trait), accountId);
    for (const { module, id } of traits.records) transaction.hset(recordsKey(module), id, accountId);
    transaction.hset(accountKey(accountId), { name: traits.name ?? '', traits: JSON.stringify(now) });
    await transaction.exec();
  }

  /** Forgets an account. Its records still lead to it: their own deletes and restores must find it. */
  async remove(accountId: string): Promise<void> {
    await this.replace(accountId, NO_TRAITS);
    await this.redis.del(accountKey(accountId));
  }

  /** Notes to which account a record belongs. */
  async learn(module: string, recordId: string, accountId: string): Promise<void> {
    await this.redis.hset(recordsKey(module), recordId, accountId);
  }

  /** The account a record belonged to when it was last seen; null where it never was. */
  accountOf(module: string, recordId: string): Promise<string | null> {
    return this.redis.hget(recordsKey(module), recordId);
  }

  /** The accounts with any of these contacts' addresses. */
  byEmailAddresses(addresses: readonly string[]): Promise<string[]> {
    return this.byTraits(addresses.map(emailTrait));
  }

  /** The accounts with any of these domains. */
  byDomains(domains: readonly string[]): Promise<string[]> {
    return this.byTraits(domains.map(domainTrait));
  }

  /** The account under its name; null where none was synced under this id. */
  async known(accountId: string): Promise<MatchedAccount | null> {
    const name = await this.redis.hget(accountKey(accountId), 'name');
    return name === null ? null : { id: accountId, name: name === '' ? null : name };
  }

  /** The ids of its records stay: a deletion of them must find the account. */
  async erasePerson({ email }: PersonToErase): Promise<Record<string, number>> {
    const trait = emailTrait(email);
    const accountIds = await this.byTraits([trait]);
    for (const accountId of accountIds) {
      const known = JSON.parse((await this.redis.hget(accountKey(accountId), 'traits')) ?? '[]') as string[];
      const transaction = this.redis.multi();
      transaction.srem(traitKey(trait), accountId);
      transaction.hset(accountKey(accountId), 'traits', JSON.stringify(known.filter((one) => one !== trait)));
      await transaction.exec();
    }
    return { addresses: accountIds.length };
  }

  private async byTraits(traits: readonly string[]): Promise<string[]> {
    return traits.length === 0 ? [] : this.redis.sunion(...traits.map(traitKey));
  }
}

function traitsOf({ emailAddresses, domains }: AccountTraits): string[] {
  return [...new Set([...emailAddresses.map(emailTrait), ...domains.map(domainTrait)])];
}

function emailTrait(address: string): string {
  return `email:${createHash('sha256').update(address).digest('hex').slice(0, 32)}`;
}

function domainTrait(domain: string): string {
  return `domain:${domain}`;
}
