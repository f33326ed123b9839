import fc from 'fast-check';
import { changeOf, factsOf, knownOf, noteOf } from '../../test/factories/account-change.factory.js';
import { AppConfig } from '../config/app-config.js';
import type { AccountChange } from '../contracts/account-facts.js';
import { InsightRules } from './insight-rules.js';
import { RulesEngine } from './rules.engine.js';

const engine = new RulesEngine(new InsightRules(new AppConfig()));
const found = async (change: AccountChange) =>
  (await engine.compare(change)).insights.map(({ kind, label, score }) => [kind, label, score]);

describe('a change of a field of the CRM', () => {
  it.each([
    ['Health_Score', '78', '64', 'churn_risk', 0.3],
    ['Health_Score', '78', '31', 'churn_risk', 0.51],
    ['Health_Score', 'Green', 'Amber', 'churn_risk', 0.4],
    ['Account_Status', 'Active', 'At Risk', 'churn_risk', 0.56],
    ['Account_Status', 'Prospect', 'Churned', 'churn_risk', 0.7],
    ['Account_Status', 'Active', 'Under review', 'churn_risk', 0.2],
    ['Annual_Revenue', '1,000,000', '1,300,000', 'upsell', 0.3],
  ])('%s from %s to %s is a sign', async (field, before, after, kind, score) => {
    const change = changeOf(knownOf({ [field]: before }), factsOf({ [field]: after }));
    expect(await found(change)).toEqual([[kind, `${field} from ${before} to ${after}`, score]]);
  });

  it.each([
    ['Health_Score', '78', '70'],
    ['Health_Score', '31', '78'],
    ['Health_Score', 'Amber', 'Green'],
    ['Health_Score', '78', 'unknown'],
    ['Account_Status', 'At Risk', 'Active'],
    ['Account_Status', 'At Risk', 'Inactive'],
    ['Phone', '1', '2'],
  ])('%s from %s to %s is none', async (field, before, after) => {
    expect(await found(changeOf(knownOf({ [field]: before }), factsOf({ [field]: after })))).toEqual([]);
  });

  it('names the deal, and quotes the value as it stands in its field', async () => {
    const known = knownOf({}, { Stage: 'Negotiation/Review', Type: 'Existing Business' });
    const facts = factsOf({}, { Stage: 'Closed Lost', Type: 'Existing Business' });
    const { insights, priority, nextSteps } = await engine.compare(changeOf(known, facts));
    expect(insights).toEqual([
      expect.objectContaining({
        kind: 'churn_risk',
        subject: 'Acme renewal',
        source: 'rules',
        rules: ['crm.renewal-lost', 'crm.deal-lost'],
        score: 0.7,
        evidence: [
          {
            quote: 'Closed Lost',
            speaker: null,
            side: 'internal',
            startMs: null,
            endMs: null,
            field: 'Deals[7].Stage',
          },
        ],
      }),
    ]);
    expect(priority).toBe('urgent');
    expect(nextSteps[0]).toMatchObject({ insightIds: [insights[0]?.id], due: '2026-11-27' });
  });

  it('sees a close date that slips, and not one that was brought forward', async () => {
    const dated = (date: string) => ({ Closing_Date: date });
    const slip = (before: string, after: string) =>
      found(changeOf(knownOf({}, dated(before)), factsOf({}, dated(after))));
    expect(await slip('2026-12-20', '2027-01-31')).toEqual([
      ['churn_risk', 'Closing_Date from 2026-12-20 to 2027-01-31', 0.3],
    ]);
    expect(await slip('2026-12-20', '2026-12-23')).toEqual([]);
    expect(await slip('2027-01-31', '2026-12-20')).toEqual([]);
  });

  it('of which nothing was known counts only where an event says that it changed', async () => {
    const facts = factsOf({ Account_Status: 'Churned' });
    const changed = [{ module: 'Accounts', recordId: '689', fields: ['Account_Status'] }];
    expect(await found(changeOf(null, facts))).toEqual([]);
    expect(await found(changeOf(null, facts, { changed }))).toEqual([
      ['churn_risk', 'Account_Status to Churned', 0.7],
    ]);
  });

  it('is found again with the same id, and the next one with another', async () => {
    const idsSince = async (since: string) => {
      const change = changeOf(knownOf({ Health_Score: '80' }), factsOf({ Health_Score: '50' }), { since });
      return (await engine.compare(change)).insights.map(({ id }) => id);
    };
    expect(await idsSince('1')).toEqual(await idsSince('1'));
    expect(await idsSince('1')).not.toEqual(await idsSince('2'));
  });

  it('is compared with what the reading before has left', async () => {
    const first = await engine.compare(changeOf(null, factsOf({ Health_Score: '80', Phone: '555' })));
    expect(first.known.account).toEqual(
      expect.objectContaining({ Health_Score: '80', Account_Status: null }),
    );
    expect(first.known.account).not.toHaveProperty('Phone');
    const second = changeOf(first.known, factsOf({ Health_Score: '50', Account_Status: 'On Hold' }));
    expect(await found(second)).toHaveLength(2);
    const third = changeOf((await engine.compare(second)).known, second.after, { since: '2' });
    expect(await found(third)).toEqual([]);
  });

  it('keeps what is known of deals that were not given this time', async () => {
    const { known } = await engine.compare(
      changeOf(knownOf({}, { Stage: 'Qualification' }), { ...factsOf({}), deals: null }),
    );
    expect(known.deals).toEqual({ '7': { Stage: 'Qualification' } });
  });
});

describe('a note', () => {
  const notes = (...all: ReturnType<typeof noteOf>[]) => changeOf(knownOf({}), factsOf({}, {}, all));

  it('is read as what the customer said, told by its writer', async () => {
    const text = 'Met Jane. They want to cancel and are looking at Clari. I will send the offer by Friday.';
    const { insights, priority } = await engine.compare(notes(noteOf(text)));
    expect(insights.map(({ kind, stance, owner, due }) => [kind, stance ?? owner, due])).toEqual([
      ['competitor', 'evaluating', undefined],
      ['churn_risk', undefined, undefined],
      ['action_item', 'Pat Boyle', '2026-11-27'],
    ]);
    expect(priority).toBe('urgent');
    for (const { quote, speaker, side, field } of insights.flatMap(({ evidence }) => evidence)) {
      expect(text).toContain(quote);
      expect([speaker, side, field]).toEqual(['Pat Boyle', 'internal', 'Notes[9].Note_Content']);
    }
  });

  it('of what we will do with a contract of ours is hardly a sign', async () => {
    const ours = await engine.compare(notes(noteOf('We are cancelling the subscription.')));
    const theirs = await engine.compare(notes(noteOf('The customer is cancelling the subscription.')));
    const [own, told] = [ours, theirs].map(({ insights }) => insights[0]?.score ?? 0);
    expect(own).toBeLessThan((told ?? 0) / 1.5);
  });

  it('that wants more seats for the customer is a chance', async () => {
    const { insights } = await engine.compare(notes(noteOf('Customer wants to add 20 more seats.')));
    expect(insights.map(({ kind }) => kind)).toEqual(['upsell']);
  });

  it('is read once, again when it was edited, and not when it is old', async () => {
    const note = noteOf('They are not renewing.');
    const first = await engine.compare(notes(note));
    expect(first.insights).toHaveLength(1);
    const again = changeOf(first.known, factsOf({}, {}, [note]));
    expect(await found(again)).toEqual([]);
    const edited = { ...again, after: factsOf({}, {}, [noteOf('They are not renewing. Budget is gone.')]) };
    expect((await found(edited)).length).toBeGreaterThan(0);
    expect(await found(notes(noteOf(note.text, { writtenAt: '2026-11-10T10:00:00Z' })))).toEqual([]);
  });

  it('is quoted word for word, whatever it says', async () => {
    const words = fc.constantFrom(
      ...'they are not renewing customer client wants to cancel Clari 🙂 İ \n\n - I will send by Friday . ? ! “so”'.split(
        ' ',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 40 }), async (all) => {
        const text = all.join(' ');
        const { insights } = await engine.compare(notes(noteOf(text)));
        for (const { quote } of insights.flatMap(({ evidence }) => evidence)) expect(text).toContain(quote);
      }),
      { numRuns: 200 },
    );
  });
});
