import { Injectable } from '@nestjs/common';
import type { Json, JsonObject } from '../../contracts/json.js';
import { ZohoApiClient } from '../api/zoho-api.client.js';
import { infoOf, isObject, textOf } from '../zoho-values.js';

/** A channel as Zoho is asked for it: always whole, because what is left out is lost. */
export interface WatchRequest {
  readonly id: string;
  readonly events: readonly string[];
  readonly notifyUrl: string;
  readonly token: string;
}

/** What Zoho made of one channel. */
export type WatchOutcome =
  | { readonly type: 'watched'; readonly expiresAt: string }
  /** The code of Zoho's refusal, and what it says. */
  | { readonly type: 'refused'; readonly code: string; readonly reason: string };

/** Where Zoho answers less than was asked. */
export const NO_OUTCOME: WatchOutcome = {
  type: 'refused',
  code: 'NO_ANSWER',
  reason: 'Zoho says nothing of it',
};

/** A channel as Zoho lists it. The token that comes with it stays there. */
export interface WatchedChannel {
  readonly id: string;
  readonly events: readonly string[];
  readonly notifyUrl: string | null;
  readonly expiresAt: string | null;
}

const PATH = 'actions/watch';
const PAGE_ROWS = 200;
const MOST_PAGES = 50;
const HOUR_MS = 3_600_000;
/** Of the week that is allowed; asked for more, or for nothing, Zoho gives one hour without a word (Kaizen #170). */
const LIFE_MS = 7 * 24 * HOUR_MS - HOUR_MS;

/**
 * Zoho's notification channels (crm-oas v8.0 notifications.json). Errors hide in answers of status 2xx: each item of
 * `watch` is looked at.
 */
@Injectable()
export class ZohoWatchClient {
  constructor(private readonly api: ZohoApiClient) {}

  /** Registers channels, or renews those that are there: POST with the full entry does both. */
  async watch(channels: readonly WatchRequest[]): Promise<WatchOutcome[]> {
    const watch = channels.map(entryOf);
    const { body } = await this.api.send(1, () => ({ method: 'POST', path: PATH, body: { watch } }));
    const items = itemsOf(body);
    return channels.map((_channel, index) => outcomeOf(items[index]));
  }

  /** @returns whether Zoho had the channel. */
  async unwatch(id: string): Promise<boolean> {
    const { body } = await this.api.send(1, () => ({
      method: 'DELETE',
      path: PATH,
      query: { channel_ids: id },
    }));
    return itemsOf(body).some(({ code }) => code === 'SUCCESS');
  }

  /** All channels that Zoho has for this client. */
  async list(): Promise<WatchedChannel[]> {
    const found: WatchedChannel[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = { page: String(page), per_page: String(PAGE_ROWS) };
      const { body } = await this.api.send(1, () => ({ method: 'GET', path: PATH, query }));
      found.push(...itemsOf(body).flatMap(watchedChannel));
      const info = infoOf(body);
      if (info.more_records !== true) break;
    }
    return found;
  }
}

/** Ids have 15 digits, which a JSON number keeps; times without milliseconds, which Zoho does not take. */
function entryOf({ id, events, notifyUrl, token }: WatchRequest): JsonObject {
  return {
    channel_id: Number(id),
    events,
    notify_url: notifyUrl,
    token,
    channel_expiry: `${new Date(Date.now() + LIFE_MS).toISOString().slice(0, 19)}+00:00`,
    // Otherwise the change of a contact tells of its account too.
    notify_on_related_action: false,
    return_affected_field_values: true,
  };
}

function itemsOf(body: Json): JsonObject[] {
  const items = isObject(body) && Array.isArray(body.watch) ? (body.watch as Json[]) : [];
  return items.filter((item): item is JsonObject => isObject(item));
}

function outcomeOf(item: JsonObject | undefined): WatchOutcome {
  const code = textOf(item?.code) ?? 'NO_ANSWER';
  if (code !== 'SUCCESS') {
    return { type: 'refused', code, reason: textOf(item?.message)?.slice(0, 200) ?? 'no reason given' };
  }
  const expiries = eventsOf(item?.details).flatMap(({ channel_expiry }) => instant(channel_expiry) ?? []);
  const [earliest] = expiries.sort();
  if (earliest !== undefined) return { type: 'watched', expiresAt: earliest };
  return { type: 'refused', code: 'NO_EXPIRY', reason: 'Zoho does not say when the channel expires' };
}

function eventsOf(details: Json | undefined): JsonObject[] {
  const events = isObject(details) && Array.isArray(details.events) ? (details.events as Json[]) : [];
  return events.filter((event): event is JsonObject => isObject(event));
}

function watchedChannel(item: JsonObject): WatchedChannel[] {
  const id = textOf(item.channel_id);
  if (id === null) return [];
  const events = Array.isArray(item.events)
    ? (item.events as Json[]).flatMap((name) => textOf(name) ?? [])
    : [];
  return [{ id, events, notifyUrl: textOf(item.notify_url), expiresAt: instant(item.channel_expiry) }];
}

/** In UTC; null for what is no time. */
function instant(value: Json | undefined): string | null {
  const milliseconds = Date.parse(textOf(value) ?? '');
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : null;
}
