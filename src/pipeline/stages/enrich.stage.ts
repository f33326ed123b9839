import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { EnrichedRecord } from '../../contracts/conversation.js';
import type { VendorEvent } from '../../contracts/event.js';
import type { JsonObject } from '../../contracts/json.js';
import { AccountMatcher, type AccountMatch } from '../../contracts/ports/account-matcher.port.js';
import { VendorAdapters } from '../../vendors/vendor-adapters.js';
import type { EventWork, Stage, StageResult } from '../stage.js';

/** Makes the event a conversation, with all that its vendor knows of it. Partial is fine: the rest goes on. */
@Injectable()
export class EnrichStage implements Stage {
  readonly name = 'enrich';

  constructor(
    private readonly adapters: VendorAdapters,
    @Inject(AccountMatcher) private readonly matcher: AccountMatcher,
    @InjectMetric('data_quality_score') private readonly quality: Gauge<'vendor' | 'kind'>,
    @InjectMetric('validation_failures_total') private readonly failures: Counter<'vendor' | 'field'>,
  ) {}

  waitsForVendor(event: VendorEvent): boolean {
    return event.isErased !== true && this.adapters.of(event.vendor).asksApi(event);
  }

  async run(work: EventWork): Promise<StageResult> {
    const { vendor, kind, isErased } = work.event;
    if (isErased === true) {
      return { status: 'ignored', isLast: true, work, details: { reason: 'its person is forgotten' } };
    }
    const enriched = await this.adapters.of(vendor).enrich(work.event, work.round);
    if (enriched.type === 'finished') {
      return { status: enriched.status, isLast: true, work, details: { reason: enriched.reason } };
    }
    const { record } = enriched;
    this.quality.set({ vendor, kind }, record.dataQuality);
    for (const field of record.unusableFields) this.failures.inc({ vendor, field: withoutIndexes(field) });
    const match = await this.match(record);
    return {
      status: statusOf(record),
      work: { ...work, ...known(record, match) },
      details: { ...detailsOf(record, work.round), ...matchDetails(match) },
    };
  }

  /** Nothing of a private conversation is used, not even who was there. */
  private async match({ isWithheld, subject, conversation }: EnrichedRecord): Promise<AccountMatch> {
    if (isWithheld) return { type: 'none' };
    const crmObjects = subject.account === null ? [] : [{ type: 'Account', id: subject.account.id }];
    const emailAddresses = conversation.parties
      .filter(({ side }) => side !== 'internal')
      .flatMap(({ emailAddress }) => emailAddress ?? []);
    if (crmObjects.length + emailAddresses.length === 0) return { type: 'none' };
    return this.matcher.match({ crmObjects, emailAddresses });
  }
}

function statusOf({ enrichment }: EnrichedRecord): StageResult['status'] {
  if (enrichment.askAgainAfterMs !== undefined) return 'waiting';
  return enrichment.skippedBecause === undefined ? 'completed' : 'skipped';
}

function detailsOf({ enrichment }: EnrichedRecord, round: number): JsonObject {
  const { status, skippedBecause, askAgainAfterMs } = enrichment;
  return {
    enrichment: status,
    round,
    ...(skippedBecause !== undefined && { reason: skippedBecause }),
    ...(askAgainAfterMs !== undefined && {
      askAgainAt: new Date(Date.now() + askAgainAfterMs).toISOString(),
    }),
  };
}

/** `callData.parties[3].name` as `callData.parties[].name`: a metric label must have few values. */
function withoutIndexes(field: string): string {
  return field.replace(/\[\d+\]/g, '[]');
}

/** An account of our CRM is better than what the vendor's own link says; several are no better than none. */
function known(record: EnrichedRecord, match: AccountMatch): Pick<EventWork, 'record' | 'account'> {
  if (match.type !== 'matched') return { record };
  const { account } = match;
  return { record: { ...record, subject: { ...record.subject, account } }, account };
}

function matchDetails(match: AccountMatch): JsonObject {
  switch (match.type) {
    case 'matched':
      return { accountId: match.account.id, accountBy: match.by };
    case 'ambiguous':
      return { accountCandidates: match.candidates.map(({ id }) => id), accountBy: match.by };
    case 'none':
      return {};
  }
}
