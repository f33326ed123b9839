import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../contracts/json.js';
import type { AccountDocument } from '../../contracts/ports/memory.port.js';
import { isObject, textOf, type ZohoRecord } from '../zoho-values.js';
import type { ZohoAccount } from './zoho-account.record.js';

/** Closed deals and past activities worth remembering; the rest is history. */
const RECENT = 10;
const MAX_NOTE_LENGTH = 2_000;
const MAX_VALUE_LENGTH = 500;
/** Fields of the heading, of the machinery, or told better elsewhere. */
const UNTOLD = new Set([
  'id',
  'Account_Name',
  'Created_Time',
  'Created_By',
  'Record_Status__s',
  'Record_Image',
]);

/**
 * An account as one text for a memory. The same knowledge gives the same text: nothing in it depends on when
 * it was read, nor on the order in which Zoho gave it.
 * @param ignoredFields change without anybody knowing more, and are left out.
 */
export function accountDocument(zoho: ZohoAccount, ignoredFields: readonly string[]): AccountDocument {
  const { account } = zoho;
  const accountName = textOf(account.Account_Name) ?? `Account ${account.id}`;
  const deals = zoho.deals ?? [];
  const sections = [
    ['Account', accountLines(account, ignoredFields)],
    ['Contacts', [...(zoho.contacts ?? [])].sort(by('Full_Name', 'Last_Name')).map(contactLine)],
    ['Open deals', deals.filter(isOpen).sort(by('Closing_Date', 'Deal_Name')).map(dealLine)],
    [
      'Closed deals',
      newest(
        deals.filter((deal) => !isOpen(deal)),
        'Closing_Date',
      ).map(dealLine),
    ],
    ['Open activities', [...(zoho.openActivities ?? [])].map(activityLine).sort()],
    ['Past activities', newest(zoho.pastActivities ?? [], 'Modified_Time').map(activityLine)],
    ['Notes', [...(zoho.notes ?? [])].sort(by('Created_Time')).reverse().map(noteLine)],
  ] as const;
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `## ${title}\n${lines.join('\n')}\n`);
  const text = [`# ${inline(accountName)}\n`, ...body].join('\n');
  return {
    accountId: account.id,
    accountName,
    text,
    contentHash: createHash('sha256').update(text).digest('hex'),
    labels: [account.Industry, account.Account_Type].flatMap((value) => textOf(value) ?? []),
  };
}

function accountLines(account: ZohoRecord, ignoredFields: readonly string[]): string[] {
  return Object.keys(account)
    .filter((field) => !field.startsWith('$') && !UNTOLD.has(field) && !ignoredFields.includes(field))
    .sort()
    .flatMap((field) => {
      const value = told(account[field]);
      return value === null ? [] : [`- ${field.replace(/__[sc]$/, '').replaceAll('_', ' ')}: ${value}`];
    });
}

function contactLine(contact: ZohoRecord): string {
  const name = told(contact.Full_Name) ?? told(contact.Last_Name) ?? 'Somebody';
  return listLine(name, [contact.Title, contact.Department, contact.Email, contact.Phone].map(told));
}

function dealLine(deal: ZohoRecord): string {
  return listLine(told(deal.Deal_Name) ?? 'A deal', [
    labelled('stage', deal.Stage),
    labelled('amount', deal.Amount),
    labelled('probability', deal.Probability),
    labelled('closes', deal.Closing_Date),
    labelled('contact', deal.Contact_Name),
    labelled('owner', deal.Owner),
  ]);
}

function activityLine(activity: ZohoRecord): string {
  const kind =
    { Tasks: 'Task', Events: 'Meeting', Calls: 'Call' }[textOf(activity.$module) ?? ''] ?? 'Activity';
  const when = activity.Call_Start_Time ?? activity.Start_DateTime ?? activity.Due_Date;
  const what = told(activity.Subject) ?? told(activity.Event_Title);
  return listLine(what === null ? kind : `${kind}: ${what}`, [
    told(when),
    labelled('status', activity.Status),
    labelled('owner', activity.Owner),
  ]);
}

function noteLine(note: ZohoRecord): string {
  const day = textOf(note.Created_Time)?.slice(0, 10) ?? null;
  const title = told(note.Note_Title);
  const content = inline(textOf(note.Note_Content) ?? '').slice(0, MAX_NOTE_LENGTH);
  return listLine([day, title].filter((part) => part !== null).join(' ') || 'Note', [content || null], ': ');
}

function listLine(head: string, details: readonly (string | null)[], separator = ', '): string {
  return `- ${[head, ...details.filter((detail) => detail !== null)].join(separator)}`;
}

function labelled(label: string, value: Json | undefined): string | null {
  const text = told(value);
  return text === null ? null : `${label} ${text}`;
}

/** A value in words: a lookup by its name, a list by its items; null where there is nothing to tell. */
function told(value: Json | undefined): string | null {
  if (Array.isArray(value)) {
    const items = (value as Json[]).flatMap((item) => told(item) ?? []);
    return items.length === 0 ? null : items.join(', ');
  }
  const text = isObject(value) ? nameOf(value) : textOf(value);
  return text === null ? null : inline(text).slice(0, MAX_VALUE_LENGTH);
}

function nameOf(value: JsonObject): string | null {
  return textOf(value.name) ?? textOf(value.display_value);
}

/** On one line, so that nothing in a value can look like our structure. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function isOpen(deal: ZohoRecord): boolean {
  return !/^closed\b/i.test(textOf(deal.Stage) ?? '');
}

function newest(records: readonly ZohoRecord[], field: string): ZohoRecord[] {
  return [...records].sort(by(field)).reverse().slice(0, RECENT);
}

/** In the order of these fields, and of the ids where they say the same. */
function by(...fields: readonly string[]): (left: ZohoRecord, right: ZohoRecord) => number {
  const key = (record: ZohoRecord) =>
    [...fields.map((field) => textOf(record[field]) ?? ''), record.id].join('\n');
  return (left, right) => (key(left) < key(right) ? -1 : Number(key(left) > key(right)));
}
