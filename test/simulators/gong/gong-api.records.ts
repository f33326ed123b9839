/** A call as the simulator keeps it: bodies as the API sends them, and from when it does. */
export interface SimulatedCall {
  readonly id: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly transcript: readonly unknown[];
  /** Epoch milliseconds. Calls come up to an hour after they end, transcripts up to a day (vendors' guides). */
  readonly detailsFromMs: number;
  readonly transcriptFromMs: number;
}

export interface SimulatedUser {
  readonly id: string;
  readonly emailAddress: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly title?: string;
  readonly active?: boolean;
}

interface AskBody {
  readonly filter?: {
    readonly callIds?: readonly string[];
    readonly userIds?: readonly string[];
    readonly fromDateTime?: string;
    readonly toDateTime?: string;
  };
  readonly contentSelector?: { readonly exposedFields?: Readonly<Record<string, unknown>> };
}

/** What an endpoint gives: records under a key, to be paged; or one object; or nothing, which is a 404. */
export type Found =
  | { readonly listKey: string; readonly records: readonly unknown[]; readonly emptyMeans404: boolean }
  | { readonly object: Readonly<Record<string, unknown>> }
  | { readonly notFound: string };

const NO_CALLS = 'No calls found corresponding to the provided filters';

/** What Gong knows. Fields that are not asked for do not come: only metaData always does (OpenAPI description). */
export class GongApiRecords {
  private readonly calls = new Map<string, SimulatedCall>();
  private readonly users = new Map<string, SimulatedUser>();

  addCall(call: SimulatedCall): void {
    this.calls.set(call.id, call);
  }

  addUser(user: SimulatedUser): void {
    this.users.set(user.id, user);
  }

  find(endpoint: string, url: URL, body: AskBody): Found | null {
    const filter = body.filter ?? {};
    const list = (listKey: string, records: readonly unknown[], emptyMeans404 = false) => ({
      listKey,
      records,
      emptyMeans404,
    });
    switch (endpoint) {
      case 'calls/extensive':
        return list('calls', this.details(filter, body), true);
      case 'calls/transcript':
        return list('callTranscripts', this.transcripts(filter), true);
      case 'calls':
        return list('calls', this.basics(url), true);
      case 'users':
        return list('users', [...this.users.values()]);
      case 'users/extensive':
        return list(
          'users',
          [...this.users.values()].filter(({ id }) => filter.userIds?.includes(id) ?? true),
        );
      case 'settings/trackers':
        return list('keywordTrackers', [
          { trackerId: '77', trackerName: 'Competitors', affiliation: 'External' },
        ]);
      case 'call-outcomes':
        return list('outcomes', [
          {
            id: 'MEETING_BOOKED',
            callOutcome: 'Meeting booked',
            category: 'Answered',
            sentiment: 'POSITIVE',
          },
        ]);
      case 'stats/activity/aggregate':
        return list(
          'usersAggregateActivityStats',
          this.stats({ userAggregateActivityStats: { callsAsHost: 3, callsAttended: 5 } }),
        );
      case 'stats/interaction':
        return list(
          'peopleInteractionStats',
          this.stats({ personInteractionStats: [{ name: 'Patience', value: 0.9 }] }),
        );
      case 'data-privacy/data-for-email-address':
        return { object: this.dataFor(url.searchParams.get('emailAddress') ?? '') };
      default:
        return this.single(endpoint);
    }
  }

  private stats(measures: Readonly<Record<string, unknown>>): unknown[] {
    return [...this.users.values()].map(({ id, emailAddress }) => ({
      userId: id,
      userEmailAddress: emailAddress,
      ...measures,
    }));
  }

  /** 404 "Call ID <id> was not found" (recorded answer). */
  private single(endpoint: string): Found | null {
    const [, id] = /^calls\/(\d+)$/.exec(endpoint) ?? [];
    if (id === undefined) return null;
    const call = this.calls.get(id);
    return call === undefined || call.detailsFromMs > Date.now()
      ? { notFound: `Call ID ${id} was not found` }
      : { object: { call: call.details.metaData } };
  }

  private details(filter: NonNullable<AskBody['filter']>, body: AskBody): unknown[] {
    const exposed = Object.keys(body.contentSelector?.exposedFields ?? {});
    return this.asked(filter)
      .filter(({ detailsFromMs }) => detailsFromMs <= Date.now())
      .map(({ details }) =>
        Object.fromEntries(
          Object.entries(details).filter(([key]) => ['metaData', 'context', ...exposed].includes(key)),
        ),
      );
  }

  private transcripts(filter: NonNullable<AskBody['filter']>): unknown[] {
    return this.asked(filter)
      .filter(({ transcriptFromMs }) => transcriptFromMs <= Date.now())
      .map(({ id, transcript }) => ({ callId: id, transcript }));
  }

  /** Ids that are not known, or not yet, are just missing from the answer (integrations that diff them). */
  private asked({ callIds }: NonNullable<AskBody['filter']>): SimulatedCall[] {
    if (callIds === undefined) return [...this.calls.values()];
    return callIds.flatMap((id) => this.calls.get(id) ?? []);
  }

  /** `fromDateTime` belongs to the span, `toDateTime` does not (OpenAPI description). */
  private basics(url: URL): unknown[] {
    const time = (name: string, otherwise: number) =>
      Date.parse(url.searchParams.get(name) ?? '') || otherwise;
    const [from, to] = [time('fromDateTime', 0), time('toDateTime', Infinity)];
    return [...this.calls.values()]
      .map(({ details }) => details.metaData as { started: string })
      .filter(({ started }) => Date.parse(started) >= from && Date.parse(started) < to);
  }

  private dataFor(emailAddress: string): Record<string, unknown> {
    const calls = [...this.calls.values()].filter(({ details }) =>
      (details.parties as { emailAddress?: string }[]).some((party) => party.emailAddress === emailAddress),
    );
    return {
      emails: [
        {
          id: 'a'.repeat(32),
          from: emailAddress,
          sentTime: '2026-03-04T10:00:00Z',
          mailbox: emailAddress,
          messageHash: 'h',
        },
      ],
      calls: calls.map(({ id }) => ({ id, status: 'COMPLETED', externalSystems: [] })),
      meetings: [],
      customerData: [],
      customerEngagement: [],
    };
  }
}

export const NOTHING_FOUND = NO_CALLS;
