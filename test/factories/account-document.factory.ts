import { createHash } from 'node:crypto';
import type { AccountDocument } from '../../src/contracts/ports/memory.port.js';

export interface AccountDocumentOverrides {
  readonly accountId?: string;
  readonly accountName?: string;
  readonly labels?: readonly string[];
  readonly notes?: readonly string[];
  readonly deals?: readonly string[];
}

/** The document of an invented account, in the shape that a CRM's knowledge takes. */
export function accountDocument({
  accountId = '6890123000000451007',
  accountName = 'Acme Robotics',
  labels = ['industry:Manufacturing'],
  notes = ['2026-03-02 Kickoff went well.'],
  deals = ['Starter plan, closed won, 12,000 EUR'],
}: AccountDocumentOverrides = {}): AccountDocument {
  const bullets = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n');
  const text = `# ${accountName}\n\n## Deals\n\n${bullets(deals)}\n\n## Notes\n\n${bullets(notes)}\n`;
  const contentHash = createHash('sha256').update(text).digest('hex');
  return { accountId, accountName, labels, text, contentHash };
}

/** Four accounts, of which one is unhappy about its onboarding, and says so in other words. */
export const FOUR_ACCOUNTS: readonly AccountDocument[] = [
  accountDocument({
    accountId: '6890123000000451001',
    accountName: 'Blue Harbor Freight',
    labels: ['industry:Logistics'],
    notes: [
      '2026-03-02 The team is very happy with the onboarding, it took nine days.',
      '2026-03-09 Asked for more seats in the Rotterdam office.',
    ],
  }),
  accountDocument({
    accountId: '6890123000000451002',
    accountName: 'Larkspur Dental',
    labels: ['industry:Healthcare'],
    notes: [
      '2026-03-03 Their operations lead is frustrated with the onboarding: two trainers cancelled.',
      '2026-03-10 Sent them the migration guide.',
    ],
  }),
  accountDocument({
    accountId: '6890123000000451003',
    accountName: 'Quarry Lane Foods',
    labels: ['industry:Food'],
    notes: ['2026-03-04 Disappointed by the price of the renewal, wants a discount.'],
  }),
  accountDocument({
    accountId: '6890123000000451004',
    accountName: 'Tin Kettle Media',
    labels: ['industry:Media'],
    notes: ['2026-03-05 Onboarding is done.', '2026-03-06 They compare us with a competitor.'],
  }),
];
