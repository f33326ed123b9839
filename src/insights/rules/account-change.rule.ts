import type { AccountChange, KnownFacts, NoteFacts, RecordFacts } from '../../contracts/account-facts.js';
import type { Evidence } from '../../contracts/insight.js';
import { type CrmRule, isMet } from './crm-rule.js';
import { combined, type Finding, rounded } from './finding.js';
import type { RuleSet } from './rule-set.js';

/** A record with what is known of it from before. */
interface ReadRecord {
  readonly of: CrmRule['of'];
  readonly module: string;
  readonly record: RecordFacts;
  /** Undefined: nothing is known from before. */
  readonly before: Readonly<Record<string, string | null>> | undefined;
}

/** A rule that fired on a field. */
interface Hit {
  readonly rule: CrmRule;
  readonly field: string;
  readonly before: string | null | undefined;
  readonly after: string;
}

/** What the changed fields of an account and its deals mean: one finding for each kind and field. */
export function changeFindings(change: AccountChange, rules: RuleSet): Finding[] {
  return recordsOf(change).flatMap((read) => {
    const hits = rules.crm.flatMap((rule) => hitOf(rule, read, change));
    const groups = new Map<string, Hit[]>();
    for (const hit of hits) {
      const key = `${hit.rule.kind} ${hit.field}`;
      groups.set(key, [...(groups.get(key) ?? []), hit]);
    }
    return [...groups.values()].flatMap((group) => findingOf(group, read));
  });
}

function recordsOf({ after, before }: AccountChange): ReadRecord[] {
  const account: ReadRecord = {
    of: 'account',
    module: 'Accounts',
    record: after.account,
    before: before?.account,
  };
  const deals = (after.deals ?? []).map((record): ReadRecord => ({
    of: 'deal',
    module: 'Deals',
    record,
    before: before?.deals[record.id],
  }));
  return [account, ...deals];
}

function hitOf(rule: CrmRule, { of, module, record, before }: ReadRecord, change: AccountChange): Hit[] {
  const after = record.values[rule.field];
  if (rule.of !== of || typeof after !== 'string' || !isWhere(rule, record)) return [];
  const isSaidToHaveChanged = change.changed.some(
    (one) => one.module === module && one.recordId === record.id && one.fields.includes(rule.field),
  );
  const old = before?.[rule.field];
  if (old === after || !isMet(rule.test, { before: old, after, isSaidToHaveChanged })) return [];
  return [{ rule, field: rule.field, before: old, after }];
}

function isWhere({ where }: CrmRule, { values }: RecordFacts): boolean {
  return where.every(({ field, words }) => words.includes((values[field] ?? '').trim().toLowerCase()));
}

/** The quote is the value as it stands now; the label says what it was. */
function findingOf(hits: readonly Hit[], { of, record }: ReadRecord): Finding[] {
  const [first] = hits;
  if (first === undefined) return [];
  const { field, before, after, rule } = first;
  const was = typeof before === 'string' ? ` from ${before}` : '';
  const evidence: Evidence = {
    quote: after,
    speaker: null,
    side: 'internal',
    startMs: null,
    endMs: null,
    field: of === 'deal' ? `Deals[${record.id}].${field}` : field,
  };
  const sorted = [...hits].sort((a, b) => b.rule.weight - a.rule.weight);
  return [
    {
      kind: rule.kind,
      rules: sorted.map((hit) => hit.rule.id),
      source: 'rules',
      ...(of === 'deal' && record.name !== null && { subject: record.name }),
      label: `${field}${was} to ${after}`,
      score: rounded(combined(sorted.map((hit) => hit.rule.weight))),
      evidence: [evidence],
    },
  ];
}

const DAY_MS = 86_400_000;
/** Far more than an account's list shows at once. */
const MAX_KNOWN_NOTES = 500;

/** The notes that were not read before as they are now, and are not of long ago. */
export function newNotes({ after, before, at }: AccountChange, { notes: rules }: RuleSet): NoteFacts[] {
  const oldestMs = Date.parse(at) - rules.newWithinDays * DAY_MS;
  return (after.notes ?? []).filter((note) => {
    const isOld = note.writtenAt !== null && Date.parse(note.writtenAt) < oldestMs;
    return !isOld && before?.notes[note.id] !== note.contentHash;
  });
}

/** What to compare the next reading with. What was not given this time stays as it was known. */
export function knownFacts({ after, before }: AccountChange, { crm }: RuleSet): KnownFacts {
  const watched = (of: CrmRule['of'], { values }: RecordFacts) =>
    Object.fromEntries(
      crm.filter((rule) => rule.of === of).map(({ field }) => [field, values[field] ?? null]),
    );
  const deals = after.deals?.map((deal) => [deal.id, watched('deal', deal)] as const);
  const notes = new Map(Object.entries(before?.notes ?? {}));
  for (const note of after.notes ?? []) {
    notes.delete(note.id);
    notes.set(note.id, note.contentHash);
  }
  return {
    account: watched('account', after.account),
    deals: deals === undefined ? (before?.deals ?? {}) : Object.fromEntries(deals),
    notes: Object.fromEntries([...notes].slice(-MAX_KNOWN_NOTES)),
  };
}
