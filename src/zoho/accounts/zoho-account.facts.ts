import { createHash } from 'node:crypto';
import type { AccountFacts, NoteFacts, RecordFacts } from '../../contracts/account-facts.js';
import type { Json } from '../../contracts/json.js';
import { lookupOf, textOf, type ZohoRecord } from '../zoho-values.js';
import type { ZohoAccount } from './zoho-account.record.js';

/** Longer values are prose, in which no rule sees a change. */
const MAX_LENGTH = 200;

/** What the insight rules read of an account. Lists and longer texts are left out. */
export function accountFacts({ account, deals, notes, otherNotes }: ZohoAccount): AccountFacts {
  return {
    account: recordFacts(account, account.Account_Name),
    deals: deals?.map((deal) => recordFacts(deal, deal.Deal_Name)) ?? null,
    notes: notes === null ? null : [...notes, ...otherNotes].flatMap(noteFacts),
  };
}

function recordFacts(record: ZohoRecord, name: Json | undefined): RecordFacts {
  const values = Object.entries(record)
    .filter(([field]) => !field.startsWith('$'))
    .flatMap(([field, value]) => {
      const text = lookupOf(value)?.name ?? textOf(value);
      return text !== null && text.length > MAX_LENGTH ? [] : [[field, text] as const];
    });
  return { id: record.id, name: textOf(name), values: Object.fromEntries(values) };
}

/** A note without a text, such as a file, says nothing. */
function noteFacts(note: ZohoRecord): NoteFacts[] {
  const { Note_Content: text } = note;
  if (typeof text !== 'string' || text.trim() === '') return [];
  const title = textOf(note.Note_Title);
  return [
    {
      id: note.id,
      title,
      text,
      author: lookupOf(note.Owner)?.name ?? null,
      writtenAt: textOf(note.Modified_Time) ?? textOf(note.Created_Time),
      contentHash: hashOf([title, text]),
    },
  ];
}

function hashOf(content: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
}
