import { createHash } from 'node:crypto';
import type { GongAnswer, SentDelivery } from '../simulators/gong/gong-webhook-sender.js';
import type { Delivery, Expectation } from '../simulators/gong/working-day.js';

export interface AcceptedEvent {
  readonly eventId: string;
  readonly callId: string;
  readonly label: string;
  readonly bodySha256: string;
}

/** What the service answered to a whole day, compared with what it should have. */
export interface DayOutcome {
  readonly received: number;
  readonly counts: Readonly<Record<Expectation, number>>;
  readonly accepted: readonly AcceptedEvent[];
  /** Bodies of which nothing may be found anywhere, by label. */
  readonly unwanted: readonly { readonly label: string; readonly bodySha256: string }[];
  readonly surprises: readonly string[];
  readonly acknowledgementsMs: readonly number[];
}

interface ServiceAnswer {
  readonly status?: string;
  readonly eventIds?: readonly string[];
}

export function outcomeOf(sent: readonly SentDelivery<Delivery>[]): DayOutcome {
  const verdicts = sent.map(({ answer }) => verdictOf(answer));
  const accepted = sent.flatMap(({ delivery, answer }) => acceptedEvent(delivery, answer));
  const wanted = new Set(accepted.map(({ bodySha256 }) => bodySha256));
  const count = (verdict: Expectation) => verdicts.filter((each) => each === verdict).length;
  return {
    received: sent.length,
    counts: {
      accepted: count('accepted'),
      duplicate: count('duplicate'),
      ignored: count('ignored'),
      rejected: count('rejected'),
    },
    accepted,
    unwanted: sent
      .map(({ delivery: { label, body } }) => ({ label, bodySha256: sha256(body) }))
      .filter(({ bodySha256 }) => !wanted.has(bodySha256)),
    surprises: sent.flatMap(({ delivery, answer }) => surpriseOf(delivery, answer, accepted)),
    acknowledgementsMs: sent.map(({ answer }) => answer.milliseconds),
  };
}

/** The calls that must have a row and a message. */
export function distinctCalls(outcome: DayOutcome): Set<string> {
  return new Set(outcome.accepted.map(({ callId }) => callId));
}

function verdictOf({ status, body }: GongAnswer): string {
  if (status === 401) return 'rejected';
  return status === 200 ? ((body as ServiceAnswer).status ?? '200 without a status') : `status ${status}`;
}

function acceptedEvent({ callId, label, body }: Delivery, answer: GongAnswer): AcceptedEvent[] {
  if (verdictOf(answer) !== 'accepted') return [];
  const { eventIds = [] } = answer.body as ServiceAnswer;
  return eventIds.map((eventId) => ({ eventId, callId, label, bodySha256: sha256(body) }));
}

function surpriseOf(delivery: Delivery, answer: GongAnswer, accepted: readonly AcceptedEvent[]): string[] {
  const verdict = verdictOf(answer);
  const { label, expect, body } = delivery;
  if (verdict !== expect) {
    return [`${label}: expected ${expect}, got ${verdict} (${JSON.stringify(answer.body)})`];
  }
  if (expect === 'rejected' || expect === 'ignored') return [];
  const { eventIds = [] } = answer.body as ServiceAnswer;
  const [eventId = ''] = eventIds;
  if (eventIds.length !== 1 || !/^[0-9a-f]{64}$/.test(eventId)) {
    return [`${label}: expected one event id, got ${JSON.stringify(eventIds)}`];
  }
  const first = accepted.find(({ bodySha256 }) => bodySha256 === sha256(body));
  return first?.eventId === eventId ? [] : [`${label}: does not answer the first event's id`];
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
