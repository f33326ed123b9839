import { createHash } from 'node:crypto';
import type { Analysis } from '../../contracts/insight.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import type { AccountState, SnapshotVersion } from '../../contracts/ports/account-source.port.js';
import type { CellValue, TableRow } from '../../contracts/tables.js';
import { isObject, lookupOf, modifiedMs, textOf, type ZohoRecord } from '../zoho-values.js';
import { accountDocument } from './zoho-account.document.js';
import { accountFacts } from './zoho-account.facts.js';
import type { ZohoAccount } from './zoho-account.record.js';

const PARTS = ['contacts', 'deals', 'openActivities', 'pastActivities', 'notes'] as const;
/** Of memory at the time of the snapshot; what became of it is in the history of the event. */
const MEMORY_PENDING = 'pending';

/** The state of an account that exists. */
export function accountState(zoho: ZohoAccount, ignoredFields: readonly string[]): AccountState {
  const { account } = zoho;
  const contacts = inSteadyOrder(zoho.contacts);
  const deals = inSteadyOrder(zoho.deals);
  const contentHash = hashOf([account, contacts, deals].map((part) => withoutNoise(part, ignoredFields)));
  const latest = Math.max(...[account, ...contacts, ...deals].map(modifiedMs));
  return {
    accountId: account.id,
    document: accountDocument(zoho, ignoredFields),
    facts: accountFacts(zoho),
    contentHash,
    modifiedAt: new Date(latest).toISOString(),
    missingParts: PARTS.filter((part) => zoho[part] === null),
    snapshot: (version, analysis) =>
      snapshotRow(account.id, contentHash, version, {
        ...findingsOf(analysis),
        ACCOUNT_NAME: textOf(account.Account_Name),
        OWNER_ID: lookupOf(account.Owner)?.id ?? null,
        INDUSTRY: textOf(account.Industry),
        WEBSITE: textOf(account.Website),
        IS_DELETED: false,
        RECORD: JSON.stringify(account),
        CONTACTS: zoho.contacts === null ? null : JSON.stringify(contacts),
        DEALS: zoho.deals === null ? null : JSON.stringify(deals),
      }),
  };
}

const DELETED_HASH = hashOf('deleted');

/** The state of an account that is gone; its last snapshots keep what it was. */
export function deletedState(accountId: string): AccountState {
  return {
    accountId,
    document: null,
    facts: null,
    contentHash: DELETED_HASH,
    modifiedAt: null,
    missingParts: [],
    snapshot: (version) =>
      snapshotRow(accountId, DELETED_HASH, version, {
        ...findingsOf(undefined),
        ACCOUNT_NAME: null,
        OWNER_ID: null,
        INDUSTRY: null,
        WEBSITE: null,
        IS_DELETED: true,
        RECORD: JSON.stringify({ id: accountId }),
        CONTACTS: null,
        DEALS: null,
      }),
  };
}

/** What the change that led to this state means. */
function findingsOf(analysis: Analysis | undefined): Readonly<Record<string, CellValue>> {
  return {
    PRIORITY: analysis?.priority ?? null,
    PRIORITY_REASONS: analysis === undefined ? null : JSON.stringify(analysis.priorityReasons),
    INSIGHTS: analysis === undefined ? null : JSON.stringify(analysis.insights),
  };
}

/** The id is made of account, time of the change and content: the same snapshot again is the same row. */
function snapshotRow(
  accountId: string,
  contentHash: string,
  { rowVersion, modifiedAt, sourceEventId }: SnapshotVersion,
  content: Readonly<Record<string, CellValue>>,
): TableRow {
  const identity = [accountId, rowVersion, contentHash].join('|');
  return {
    table: 'ZOHO_ACCOUNT_SNAPSHOTS',
    values: {
      SNAPSHOT_ID: createHash('sha256').update(identity).digest('hex'),
      TENANT: 'main',
      ACCOUNT_ID: accountId,
      ...content,
      SOURCE_EVENT_ID: sourceEventId,
      MEMORY_SYNC_STATUS: MEMORY_PENDING,
      MODIFIED_AT: modifiedAt,
      ROW_VERSION: rowVersion,
    },
  };
}

function inSteadyOrder(records: readonly ZohoRecord[] | null): ZohoRecord[] {
  return [...(records ?? [])].sort((left, right) => (left.id < right.id ? -1 : Number(left.id > right.id)));
}

function hashOf(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Keys in a steady order; without what changes while nothing changes. */
function withoutNoise(value: Json | undefined, ignoredFields: readonly string[]): Json {
  if (Array.isArray(value)) return (value as Json[]).map((item) => withoutNoise(item, ignoredFields));
  if (!isObject(value)) return value ?? null;
  const object: JsonObject = value;
  const kept = Object.keys(object).filter((key) => !key.startsWith('$') && !ignoredFields.includes(key));
  return Object.fromEntries(kept.sort().map((key) => [key, withoutNoise(object[key], ignoredFields)]));
}
