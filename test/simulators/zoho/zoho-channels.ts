import type { CrmChange, WireOperation, ZohoCrmData } from './zoho-crm.data.js';
import { zohoTime } from './zoho-crm.data.js';
import type { SimulatorAnswer } from './zoho-errors.js';

export interface WatchEntry {
  readonly channel_id?: string | number;
  readonly events?: readonly string[];
  readonly notify_url?: string;
  readonly token?: string | null;
  readonly channel_expiry?: string;
  readonly notify_on_related_action?: boolean;
  readonly return_affected_field_values?: boolean;
  readonly _delete_events?: boolean;
}

interface Channel {
  readonly channelId: string;
  readonly events: readonly string[];
  readonly notifyUrl: string;
  readonly token: string | null;
  readonly expiresAt: number;
  readonly returnsValues: boolean;
}

/** A notification on its way, as the channel's owner asked for it. */
export interface ZohoNotificationBody {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const MAX_ENTRIES = 50;
const WORD_OF: Readonly<Record<WireOperation, string>> = {
  insert: 'create',
  update: 'edit',
  delete: 'delete',
};
/** Zoho's list of modules that can be watched; Notes and Activities are not on it. */
const WATCHABLE = [
  'Accounts',
  'Contacts',
  'Deals',
  'Leads',
  'Tasks',
  'Events',
  'Calls',
  'Campaigns',
  'Cases',
];

/**
 * Notification channels (crm-oas v8.0 notifications.json). An error never shows in the HTTP status alone:
 * 202 wraps them, 207 mixes them. An expiry that is missing or more than a week away silently becomes one
 * hour (Kaizen #170). A token of more than 50 characters is INVALID_DATA.
 */
export class ZohoChannels {
  private readonly channels = new Map<string, Channel>();

  constructor(
    private readonly data: ZohoCrmData,
    private readonly now: () => Date = () => new Date(),
  ) {}

  answer(method: string, query: URLSearchParams, entries: readonly WatchEntry[]): SimulatorAnswer {
    if (method === 'GET') return this.listed(query);
    if (method === 'DELETE') return this.removed((query.get('channel_ids') ?? '').split(','));
    if (entries.length === 0 || entries.length > MAX_ENTRIES) {
      return { status: 202, body: { watch: [problem('INVALID_DATA', { api_name: 'watch' })] } };
    }
    const items = entries.map((entry, index) => this.one(method, entry, index));
    return { status: statusOf(items, method === 'POST' ? 201 : 200), body: { watch: items } };
  }

  expire(channelId: string): void {
    const channel = this.channels.get(channelId);
    if (channel === undefined) throw new Error(`no channel ${channelId}`);
    this.channels.set(channelId, { ...channel, expiresAt: this.now().getTime() - 1 });
  }

  /** The notifications that a change causes, one for each channel that watches it. */
  notificationsOf({ module, operation, values }: CrmChange): ZohoNotificationBody[] {
    const event = `${module}.${WORD_OF[operation]}`;
    const watching = [...this.channels.values()].filter(
      (channel) =>
        channel.expiresAt > this.now().getTime() &&
        channel.events.some((name) => name === event || name === `${module}.all`),
    );
    return watching.map((channel) => ({
      url: channel.notifyUrl,
      body: {
        server_time: this.now().getTime(),
        ...(channel.returnsValues && {
          affected_values: [...values].map(([record_id, changed]) => ({ record_id, values: changed })),
        }),
        query_params: Object.fromEntries(new URL(channel.notifyUrl).searchParams),
        module,
        resource_uri: `https://www.zohoapis.com/crm/v2/${module}`,
        ids: [...values.keys()],
        affected_fields:
          operation === 'insert' ? [] : [...values].map(([id, changed]) => ({ [id]: Object.keys(changed) })),
        operation,
        channel_id: channel.channelId,
        token: channel.token,
      },
    }));
  }

  private one(method: string, entry: WatchEntry, index: number): object {
    const wrong = mistakeIn(entry, index, method);
    if (wrong !== undefined) return wrong;
    const channelId = String(entry.channel_id);
    const existing = this.channels.get(channelId);
    if (method !== 'POST' && existing === undefined) return problem('NOT_SUBSCRIBED', {});
    if (method === 'PATCH' && existing !== undefined) return this.patched(existing, entry);
    this.channels.set(channelId, this.channelOf(channelId, entry));
    const done =
      method === 'POST'
        ? 'subscribed for actions-watch of the given module'
        : 'updated the subscribe details';
    return this.success(channelId, done);
  }

  /** A PATCH that does not carry the token loses it (seen by others; not documented). */
  private patched(existing: Channel, entry: WatchEntry): object {
    if (entry._delete_events === true) {
      const events = existing.events.filter((event) => !(entry.events ?? []).includes(event));
      this.channels.set(existing.channelId, { ...existing, events });
      return this.success(existing.channelId, 'removed the subscribe details', entry.events);
    }
    const expiresAt =
      entry.channel_expiry === undefined ? existing.expiresAt : this.expiryOf(entry.channel_expiry);
    this.channels.set(existing.channelId, {
      ...existing,
      events: entry.events ?? existing.events,
      token: entry.token ?? null,
      notifyUrl: entry.notify_url ?? existing.notifyUrl,
      expiresAt,
    });
    return this.success(existing.channelId, 'updated the subscribe details');
  }

  private channelOf(channelId: string, entry: WatchEntry): Channel {
    return {
      channelId,
      events: entry.events ?? [],
      notifyUrl: entry.notify_url ?? '',
      token: entry.token ?? null,
      expiresAt: this.expiryOf(entry.channel_expiry),
      returnsValues: entry.return_affected_field_values ?? false,
    };
  }

  private expiryOf(text: string | undefined): number {
    const now = this.now().getTime();
    const asked = text === undefined ? Infinity : Date.parse(text);
    return asked - now > WEEK_MS ? now + HOUR_MS : asked;
  }

  private success(
    channelId: string,
    what: string,
    events = this.channels.get(channelId)?.events ?? [],
  ): object {
    const expiresAt = this.channels.get(channelId)?.expiresAt ?? 0;
    const modules = [...new Set(events.map((event) => event.split('.')[0] ?? ''))];
    const isRemoval = what.startsWith('removed');
    return {
      code: 'SUCCESS',
      details: {
        events: modules.map((module) => ({
          ...(!isRemoval && { channel_expiry: zohoTime(new Date(expiresAt)) }),
          ...this.resource(module),
          resource_name: module,
          channel_id: channelId,
        })),
      },
      message: `Successfully ${what}`,
      status: 'success',
    };
  }

  private listed(query: URLSearchParams): SimulatorAnswer {
    const id = query.get('channel_id');
    const module = query.get('module');
    const watch = [...this.channels.values()]
      .filter((channel) => channel.expiresAt > this.now().getTime())
      .filter((channel) => id === null || channel.channelId === id)
      .filter((channel) => module === null || channel.events.some((event) => event.startsWith(`${module}.`)))
      .map((channel) => ({
        notify_on_related_action: false,
        channel_expiry: zohoTime(new Date(channel.expiresAt)),
        return_affected_field_values: channel.returnsValues,
        ...this.resource(channel.events[0]?.split('.')[0] ?? ''),
        notify_url: channel.notifyUrl,
        resource_name: channel.events[0]?.split('.')[0],
        channel_id: channel.channelId,
        events: channel.events,
        token: channel.token,
      }));
    if (watch.length === 0) return { status: 204 };
    return {
      status: 200,
      body: { watch, info: { per_page: 200, count: watch.length, page: 1, more_records: false } },
    };
  }

  private removed(ids: readonly string[]): SimulatorAnswer {
    const items = ids.flatMap((id) => {
      const channel = this.channels.get(id);
      if (channel === undefined) return [problem('NOT_SUBSCRIBED', {})];
      this.channels.delete(id);
      const modules = [...new Set(channel.events.map((event) => event.split('.')[0] ?? ''))];
      return modules.map((module) => ({
        code: 'SUCCESS',
        details: { ...this.resource(module), channel_id: id },
        message: 'Successfully un-subscribed from actions-watch',
        status: 'success',
      }));
    });
    return { status: statusOf(items, 200), body: { watch: items } };
  }

  private resource(module: string): object {
    return {
      resource_uri: `https://www.zohoapis.com/crm/v2/${module}`,
      resource_id: this.data.moduleId(module),
    };
  }
}

function mistakeIn(entry: WatchEntry, index: number, method: string): object | undefined {
  const at = (name: string) => ({ api_name: name, json_path: `$.watch[${index}].${name}` });
  if (entry.channel_id === undefined) return problem('MANDATORY_NOT_FOUND', at('channel_id'));
  if (method !== 'PATCH') {
    if ((entry.events ?? []).length === 0) return problem('MANDATORY_NOT_FOUND', at('events'));
    if (entry.notify_url === undefined) return problem('MANDATORY_NOT_FOUND', at('notify_url'));
  }
  if ((entry.notify_url?.length ?? 0) > 255) return problem('INVALID_DATA', at('notify_url'));
  if ((entry.token?.length ?? 0) > 50) return problem('INVALID_DATA', { ...at('token'), maximum_length: 50 });
  const isExpiryGiven = entry.channel_expiry !== undefined;
  if (isExpiryGiven && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(entry.channel_expiry ?? '')) {
    return problem('INVALID_DATA', { ...at('channel_expiry'), expected_data_type: 'datetime' });
  }
  const unknown = (entry.events ?? []).find((event) => !isWatchable(event));
  return unknown === undefined ? undefined : problem('NOT_SUPPORTED', at('events'));
}

function isWatchable(event: string): boolean {
  const [module = '', action = ''] = event.split('.');
  return WATCHABLE.includes(module) && ['create', 'edit', 'delete', 'all'].includes(action);
}

function problem(code: string, details: object): object {
  const message = code === 'MANDATORY_NOT_FOUND' ? 'required field not found' : 'invalid data';
  return { code, details, message, status: 'error' };
}

/** 202 where all failed, 207 where some did (OAS 3.1), else the method's own. */
function statusOf(items: readonly object[], success: number): number {
  const failed = items.filter((item) => 'code' in item && item.code !== 'SUCCESS').length;
  if (failed === 0) return success;
  return failed === items.length ? 202 : 207;
}
