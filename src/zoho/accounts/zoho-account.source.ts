import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import type { AccountSource, AccountState } from '../../contracts/ports/account-source.port.js';
import {
  MAX_IDS,
  MAX_PAGE_ROWS,
  type ReadOutcome,
  type ZohoRead,
  ZohoRecordsClient,
} from '../api/zoho-records.client.js';
import { textOf, type ZohoRecord } from '../zoho-values.js';
import { companyDomainOf, emailAddress, websiteDomain } from './email-domains.js';
import { ZohoAccountIndex } from './zoho-account.index.js';
import type { ZohoAccount } from './zoho-account.record.js';
import { accountState, deletedState } from './zoho-account.state.js';

const CONTACT_FIELDS =
  'Full_Name,First_Name,Last_Name,Title,Department,Email,Phone,Mobile,Owner,Created_Time,Modified_Time';
const DEAL_FIELDS =
  'Deal_Name,Stage,Amount,Probability,Closing_Date,Type,Contact_Name,Owner,Created_Time,Modified_Time';
const ACTIVITY_FIELDS =
  'Subject,Event_Title,Status,Due_Date,Start_DateTime,End_DateTime,Call_Start_Time,Owner,Modified_Time';
const NOTE_FIELDS = 'Note_Title,Note_Content,Owner,Created_Time,Modified_Time';

/**
 * Reads an account with all that belongs to it: one composite request for the account, contacts, deals, open
 * activities and notes, one request for past activities, and one more each for contacts and deals where there
 * are more than 25; so two to four requests, and one for notes of its deals and contacts if these are asked for. Beyond 200 contacts or deals the most recently changed are taken.
 */
@Injectable()
export class ZohoAccountSource implements AccountSource {
  constructor(
    private readonly records: ZohoRecordsClient,
    private readonly index: ZohoAccountIndex,
    private readonly config: AppConfig,
  ) {}

  async read(accountId: string, noteIds: readonly string[] = []): Promise<AccountState> {
    const zoho = await this.account(accountId, noteIds);
    if (zoho === undefined) {
      await this.index.remove(accountId);
      return deletedState(accountId);
    }
    await this.index.replace(accountId, traitsOf(zoho));
    return accountState(zoho, this.config.ZOHO_IGNORED_FIELDS);
  }

  private async account(accountId: string, noteIds: readonly string[]): Promise<ZohoAccount | undefined> {
    const contacts = related(accountId, 'Contacts', CONTACT_FIELDS);
    const deals = related(accountId, 'Deals', DEAL_FIELDS);
    const [account, contactPage, dealPage, openActivities, notes, pastActivities] =
      await this.records.readTogether([
        { path: `Accounts/${accountId}` },
        contacts,
        deals,
        related(accountId, 'Activities_Chronological_View', ACTIVITY_FIELDS),
        related(accountId, 'Notes', NOTE_FIELDS),
        related(accountId, 'Activities_Chronological_View_History', ACTIVITY_FIELDS),
      ]);
    if (account === 'none') return undefined;
    if (account === undefined || account === 'refused' || account.records[0] === undefined) {
      throw new AppError('ZOHO.FORBIDDEN', 'Zoho does not give the account itself');
    }
    return {
      account: account.records[0],
      contacts: await this.whole(contacts, contactPage),
      deals: await this.whole(deals, dealPage),
      openActivities: rowsOf(openActivities),
      pastActivities: rowsOf(pastActivities),
      notes: rowsOf(notes),
      otherNotes: await this.otherNotes(rowsOf(notes) ?? [], noteIds),
    };
  }

  /** The list of an account has its own notes only, and not those of its deals and contacts. */
  private async otherNotes(
    own: readonly ZohoRecord[],
    noteIds: readonly string[],
  ): Promise<readonly ZohoRecord[]> {
    const others = noteIds.filter((id) => !own.some((note) => note.id === id)).slice(0, MAX_IDS);
    if (others.length === 0) return [];
    const query = { ids: others.join(','), fields: NOTE_FIELDS, per_page: String(MAX_PAGE_ROWS) };
    const [found] = await this.records.readTogether([{ path: 'Notes', query }]);
    return rowsOf(found) ?? [];
  }

  /** The rows of a list that a composite request may have cut off. */
  private async whole(
    read: ZohoRead,
    outcome: ReadOutcome | undefined,
  ): Promise<readonly ZohoRecord[] | null> {
    const rows = rowsOf(outcome);
    const isCutOff = typeof outcome === 'object' && outcome.hasMore && outcome.records.length < MAX_PAGE_ROWS;
    return isCutOff ? (await this.records.page(read)).records : rows;
  }
}

function related(accountId: string, list: string, fields: string): ZohoRead {
  const query = { fields, sort_by: 'Modified_Time', sort_order: 'desc', per_page: String(MAX_PAGE_ROWS) };
  return { path: `Accounts/${accountId}/${list}`, query };
}

function rowsOf(outcome: ReadOutcome | undefined): readonly ZohoRecord[] | null {
  if (outcome === undefined || outcome === 'refused') return null;
  return outcome === 'none' ? [] : outcome.records;
}

function traitsOf(zoho: ZohoAccount): Parameters<ZohoAccountIndex['replace']>[1] {
  const { account, contacts, deals, notes } = zoho;
  const addresses = (contacts ?? []).flatMap(({ Email }) => emailAddress(textOf(Email) ?? '') ?? []);
  const website = websiteDomain(textOf(account.Website) ?? '');
  const domains = addresses.flatMap((address) => companyDomainOf(address) ?? []);
  const activities = [...(zoho.openActivities ?? []), ...(zoho.pastActivities ?? [])];
  return {
    name: textOf(account.Account_Name),
    emailAddresses: addresses,
    domains: [...new Set([...(website === null ? [] : [website]), ...domains])],
    records: [
      ...(contacts ?? []).map(({ id }) => ({ module: 'Contacts', id })),
      ...(deals ?? []).map(({ id }) => ({ module: 'Deals', id })),
      ...(notes ?? []).map(({ id }) => ({ module: 'Notes', id })),
      ...activities.flatMap(({ id, $module }) => {
        const module = textOf($module);
        return module === null ? [] : [{ module, id }];
      }),
    ],
  };
}
