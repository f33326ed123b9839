import { Inject, Injectable } from '@nestjs/common';
import { isCoded } from '../contracts/errors.js';
import type { JsonObject } from '../contracts/json.js';
import {
  type ListedChange,
  type ListedPage,
  type ReconciliationEstimate,
  type ReconciliationSlice,
  type ReconciliationSource,
  ReconciliationSourceFor,
  type TimeSpan,
} from '../contracts/ports/reconciliation.port.js';
import type { GongCallBasic } from './api/gong-api.answers.js';
import { GongApiClient, MOST_IDS } from './api/gong-api.client.js';
import { GongCredentials } from './api/gong-credentials.js';
import { GongQuotaGate } from './api/gong-quota.gate.js';

const DAY_MS = 86_400_000;
/** A rest as short as this is worth no request of its own. */
const REST_MS = 3_600_000;
/** One for its details and one for its transcript, for each hundred calls. */
const REQUESTS_OF_A_BATCH = 2;

/**
 * What Gong's API says of calls. The list goes by when a call took place, and a call can be there hours later, a
 * transcript after a day: so each comparison looks back, and what it saw before costs a line of a list.
 */
@Injectable()
@ReconciliationSourceFor('gong')
export class GongReconciliation implements ReconciliationSource {
  /** The rest of the day's calls is the night's: a list for each hour spends the share that repairs are made of. */
  readonly lookBackHours = { hourly: 12, nightly: 14 * 24 };

  constructor(
    private readonly client: GongApiClient,
    @Inject(GongCredentials) private readonly credentials: Pick<GongCredentials, 'areConfigured'>,
    private readonly quota: GongQuotaGate,
  ) {}

  offBecause(): string | null {
    return this.credentials.areConfigured
      ? null
      : 'no Gong API credentials (GONG_ACCESS_KEY or GONG_OAUTH_CLIENT_ID)';
  }

  /** Days or a little more, the latest first: what somebody misses is usually new. */
  slices({ since, until }: TimeSpan): ReconciliationSlice[] {
    const slices: ReconciliationSlice[] = [];
    const start = Date.parse(since);
    const spanMs = Date.parse(until) - start;
    const count = Math.max(1, Math.ceil((spanMs - REST_MS) / DAY_MS));
    const at = (part: number) => new Date(start + Math.round((spanMs * part) / count)).toISOString();
    for (let part = count; part > 0; part -= 1) {
      slices.push({ since: at(part - 1), until: at(part), list: 'calls' });
    }
    return slices;
  }

  /** Gong's cursors die within the hour: a list that stood still for longer starts over, and knows what it gave before. */
  async page({ since, until }: ReconciliationSlice, cursor: string | null): Promise<ListedPage> {
    let requests = 0;
    const onRequest = () => (requests += 1);
    const ask = { purpose: 'reconciliation', onRequest } as const;
    const span = { from: since, to: until };
    const page = await this.client.callPage(span, cursor, ask).catch((error: unknown) => {
      if (cursor === null || !isCoded(error, 'GONG.CURSOR_EXPIRED')) throw error;
      return this.client.callPage(span, null, ask);
    });
    return { changes: page.calls.map(changeOf), requests, nextCursor: page.nextCursor };
  }

  async estimate({ since, until }: TimeSpan): Promise<ReconciliationEstimate> {
    const objects = await this.client.callCount({ from: since, to: until }, { purpose: 'reconciliation' });
    const batches = Math.ceil(objects / MOST_IDS);
    const requests = Math.max(batches, this.slices({ since, until }).length) + REQUESTS_OF_A_BATCH * batches;
    const { reconciliationLeft, reconciliationShare } = await this.quota.state();
    if (reconciliationShare === 0) return { objects, requests, daysOfQuota: null };
    const later = Math.max(0, requests - reconciliationLeft);
    return { objects, requests, daysOfQuota: Math.ceil(later / reconciliationShare) };
  }
}

/** Relays may have sent it as a meeting: then it is known by that name. */
function changeOf(call: GongCallBasic): ListedChange {
  return {
    changeId: `call:${call.id}`,
    aliases: [`meeting:${call.id}`],
    kind: 'call',
    objectId: call.id,
    body: bodyOf(call),
  };
}

/** The webhook's shape, with what the list knows; the rest is fetched as for any call. */
function bodyOf({ durationSeconds, ...basics }: GongCallBasic): JsonObject {
  return {
    callData: { metaData: { ...basics, duration: durationSeconds } },
    isTest: false,
    isPrivate: basics.isPrivate,
  };
}
