import type { Json, JsonObject } from '../../contracts/json.js';
import { PayloadReader } from '../gong-call.payload.js';

/**
 * Answers of Gong's API in the shapes we use, read tolerantly: unknown fields are ignored, a field of a wrong type
 * counts as missing, a record without its id is left out (names per Gong's OpenAPI description V2).
 */

/** A call as GET /v2/calls and /v2/calls/{id} give it: the metaData of the others, flat. */
export interface GongCallBasic {
  readonly id: string;
  readonly title: string | null;
  readonly url: string | null;
  /** ISO 8601 with the tenant's offset, as Gong sent it. */
  readonly started: string | null;
  readonly scheduled: string | null;
  readonly durationSeconds: number | null;
  readonly direction: string | null;
  readonly isPrivate: boolean;
  readonly primaryUserId: string | null;
  readonly workspaceId: string | null;
}

export interface GongUser {
  readonly id: string;
  readonly emailAddress: string | null;
  readonly name: string | null;
  readonly title: string | null;
  readonly isActive: boolean;
}

export interface GongTrackerDefinition {
  readonly id: string;
  readonly name: string;
  /** `External`, `Internal` or both: whose words it listens to. */
  readonly affiliation: string | null;
}

export interface GongCallOutcome {
  readonly id: string | null;
  readonly name: string;
  readonly category: string | null;
  readonly sentiment: string | null;
}

/** Numbers of one user by Gong's name of the measure. */
export interface GongUserStats {
  readonly userId: string;
  readonly emailAddress: string | null;
  readonly stats: Readonly<Record<string, number>>;
}

/** What Gong keeps about one e-mail address; of e-mails it never gives subject nor text. */
export interface GongDataForAddress {
  readonly emails: readonly {
    readonly id: string;
    readonly sentAt: string | null;
    readonly from: string | null;
  }[];
  readonly callIds: readonly string[];
  readonly meetingIds: readonly string[];
}

export function callBasic(item: JsonObject): GongCallBasic[] {
  const reader = new PayloadReader();
  const text = (key: string) => reader.text(item, key, '');
  const id = text('id');
  if (id === null) return [];
  return [
    {
      id,
      title: text('title'),
      url: text('url'),
      started: text('started'),
      scheduled: text('scheduled'),
      durationSeconds: reader.number(item, 'duration', ''),
      direction: text('direction'),
      isPrivate: reader.flag(item, 'isPrivate', '') ?? false,
      primaryUserId: text('primaryUserId'),
      workspaceId: text('workspaceId'),
    },
  ];
}

export function user(item: JsonObject): GongUser[] {
  const reader = new PayloadReader();
  const text = (key: string) => reader.text(item, key, '');
  const id = text('id');
  if (id === null) return [];
  const name = [text('firstName'), text('lastName')].filter((part) => part !== null && part !== '').join(' ');
  return [
    {
      id,
      emailAddress: text('emailAddress'),
      name: name === '' ? null : name,
      title: text('title'),
      isActive: reader.flag(item, 'active', '') ?? true,
    },
  ];
}

export function trackerDefinition(item: JsonObject): GongTrackerDefinition[] {
  const reader = new PayloadReader();
  const id = reader.text(item, 'trackerId', '') ?? reader.text(item, 'id', '');
  const name = reader.text(item, 'trackerName', '') ?? reader.text(item, 'name', '');
  if (id === null || name === null) return [];
  return [{ id, name, affiliation: reader.text(item, 'affiliation', '') }];
}

export function callOutcome(item: JsonObject): GongCallOutcome[] {
  const reader = new PayloadReader();
  const text = (key: string) => reader.text(item, key, '');
  const name = text('callOutcome') ?? text('name');
  if (name === null) return [];
  return [{ id: text('id'), name, category: text('category'), sentiment: text('sentiment') }];
}

/** `userAggregateActivityStats` is an object of numbers. */
export function activityStats(item: JsonObject): GongUserStats[] {
  const reader = new PayloadReader();
  const measures = reader.object(item, 'userAggregateActivityStats', '');
  const numbers = Object.entries(measures).filter(isNumbered);
  return userStats(reader, item, Object.fromEntries(numbers));
}

/** `personInteractionStats` is a list of names and values. */
export function interactionStats(item: JsonObject): GongUserStats[] {
  const reader = new PayloadReader();
  const numbers = reader.objects(item, 'personInteractionStats', '').flatMap(({ item: stat, path }) => {
    const name = reader.text(stat, 'name', path);
    const value = reader.number(stat, 'value', path);
    return name === null || value === null ? [] : [[name, value] as const];
  });
  return userStats(reader, item, Object.fromEntries(numbers));
}

export function dataForAddress(answer: JsonObject): GongDataForAddress {
  const reader = new PayloadReader();
  const ids = (key: string) =>
    reader.objects(answer, key, '').flatMap(({ item, path }) => reader.text(item, 'id', path) ?? []);
  const emails = reader.objects(answer, 'emails', '').flatMap(({ item, path }) => {
    const id = reader.text(item, 'id', path);
    if (id === null) return [];
    return [{ id, sentAt: reader.text(item, 'sentTime', path), from: reader.text(item, 'from', path) }];
  });
  return { emails, callIds: ids('calls'), meetingIds: ids('meetings') };
}

function userStats(reader: PayloadReader, item: JsonObject, stats: Record<string, number>): GongUserStats[] {
  const userId = reader.text(item, 'userId', '');
  return userId === null ? [] : [{ userId, emailAddress: reader.text(item, 'userEmailAddress', ''), stats }];
}

function isNumbered(entry: [string, Json | undefined]): entry is [string, number] {
  return typeof entry[1] === 'number';
}
