import type { CrmTask, TaskQuote } from '../../contracts/crm-task.js';
import type { JsonObject } from '../../contracts/json.js';

/** Zoho refuses a longer subject with INVALID_DATA (Zoho CRM v8: Insert Records, "maximum length"). */
const MAX_SUBJECT = 255;
const MAX_QUOTE = 1_000;

/** Stands in a task's description, by which we know it for ours: Tasks have no field that is unique. */
export function taskMarker(id: string): string {
  return `[tributary:${id}]`;
}

/**
 * A task as Zoho takes it: on the account by `What_Id`, whose module `$se_module` names (Zoho CRM v8: Insert
 * Records). Fields with defaults of the organisation's own (status, priority) are left to it.
 * @param ownerId the Zoho user who has to do it; null leaves it to Zoho, whose default is the user of the token.
 */
export function taskRecord(task: CrmTask, ownerId: string | null): JsonObject {
  const { account, subject, dueDate } = task;
  return {
    Subject: clipped(inline(subject), MAX_SUBJECT),
    ...(dueDate !== null && { Due_Date: dueDate }),
    ...(ownerId !== null && { Owner: { id: ownerId } }),
    What_Id: { id: account.id },
    $se_module: 'Accounts',
    Description: description(task),
  };
}

function description({ id, quotes, conversation }: CrmTask): string {
  const { kind, title, occurredAt, url } = conversation;
  const name = title === null ? '' : ` "${inline(title)}"`;
  const day = occurredAt === null ? '' : ` of ${occurredAt.slice(0, 10)}`;
  return [
    ...quotes.map(quoteLine),
    `From the ${kind}${name}${day}`,
    ...(url === null ? [] : [url]),
    taskMarker(id),
  ].join('\n');
}

function quoteLine({ quote, speaker, side, startMs }: TaskQuote): string {
  const who = speaker === null ? 'somebody' : inline(speaker);
  const whose = side === 'unknown' ? '' : side === 'internal' ? ' (ours)' : ' (theirs)';
  const when = startMs === null ? '' : ` at ${clock(startMs)}`;
  return `"${clipped(inline(quote), MAX_QUOTE)}" - ${who}${whose}${when}`;
}

/** Minutes and seconds from the start of the recording. */
function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** On one line, so that nothing that was said can look like our structure, or like another task's marker. */
function inline(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('[tributary:', '(tributary:')
    .trim();
}

function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
