import { createHash } from 'node:crypto';
import type { Memory, Recollection } from '../../../src/contracts/ports/memory.port.js';
import { accountDocument, FOUR_ACCOUNTS } from '../../factories/account-document.factory.js';
import { waitFor } from '../../support/wait-for.js';

/** What a memory needs to be judged: a fresh one, and a second one over the same store as another process has it. */
export interface MemoryHarness {
  readonly memory: Memory;
  readonly otherProcess: Memory;
  dispose(): Promise<void>;
}

/** A memory may take this long until what is stored can be recalled; only a limit. */
const SETTLED = { timeoutMs: 40_000 };

/** The conformance suite of the Memory port; every implementation runs it. */
export function describeMemory(name: string, open: () => Promise<MemoryHarness>): void {
  describe(`${name} as a memory`, () => {
    let harness: MemoryHarness;
    let memory: Memory;
    beforeEach(async () => {
      harness = await open();
      ({ memory } = harness);
    });
    afterEach(() => harness.dispose());

    const recallUntil = (query: string, isRight: (answers: Recollection[]) => boolean, asked = memory) =>
      waitFor(
        `the answer to "${query}"`,
        async () => {
          const answers = await asked.recall(query, 5);
          return isRight(answers) && answers;
        },
        SETTLED,
      );
    const saysOf = (answers: readonly Recollection[], accountId: string) =>
      answers
        .filter((answer) => answer.accountId === accountId)
        .map(({ text }) => text)
        .join('\n');

    it('is empty at first: no answers, no documents', async () => {
      expect(await memory.recall('who is unhappy about onboarding?', 5)).toEqual([]);
      expect(await memory.stats()).toEqual({ documents: 0, lastRememberedAt: null });
    });

    it('recalls who is unhappy about onboarding, with the passage that says so', async () => {
      for (const document of FOUR_ACCOUNTS) expect(await memory.remember(document)).toBe('stored');
      const answers = await recallUntil('who is unhappy about onboarding?', (found) => {
        return found[0]?.accountName === 'Larkspur Dental';
      });
      expect(answers[0]).toMatchObject({ accountId: '6890123000000451002', accountName: 'Larkspur Dental' });
      expect(answers[0]?.text).toContain('frustrated with the onboarding');
    });

    it('answers at most so many, the best first', async () => {
      for (const document of FOUR_ACCOUNTS) await memory.remember(document);
      await recallUntil('discount on the renewal price', (found) => {
        return found[0]?.accountName === 'Quarry Lane Foods';
      });
      expect(await memory.recall('onboarding', 1)).toHaveLength(1);
      const scores = (await memory.recall('onboarding', 5)).map(({ score }) => score);
      expect(scores.length).toBeGreaterThan(1);
      if (scores.every((score) => score !== null)) {
        expect(scores).toEqual([...scores].sort((one, other) => other - one));
      }
    });

    it('changes nothing when the same document comes again', async () => {
      const document = accountDocument();
      expect(await memory.remember(document)).toBe('stored');
      const before = await memory.stats();
      expect(await memory.remember({ ...document, labels: [...document.labels] })).toBe('unchanged');
      expect(await harness.otherProcess.remember(document)).toBe('unchanged');
      expect(await memory.stats()).toEqual(before);
      expect(before.documents).toBe(1);
    });

    it('replaces the older document of an account', async () => {
      await memory.remember(accountDocument({ notes: ['They want zeppelins in the hangar.'] }));
      await recallUntil('zeppelins', (found) => found.length > 0);
      const newer = accountDocument({ notes: ['They want submarines in the harbour.'] });
      expect(await memory.remember(newer)).toBe('stored');
      await recallUntil('zeppelins or submarines', (found) => {
        const text = saysOf(found, newer.accountId);
        return text.includes('submarines') && !text.includes('zeppelins');
      });
      expect(await memory.stats()).toMatchObject({ documents: 1 });
    });

    it('takes back an earlier state, as a CRM does when somebody undoes', async () => {
      const first = accountDocument({ notes: ['The sponsor is Ida.'] });
      const second = accountDocument({ notes: ['The sponsor is Bo.'] });
      for (const document of [first, second, first]) expect(await memory.remember(document)).toBe('stored');
      await recallUntil('the sponsor', (found) => {
        const text = saysOf(found, first.accountId);
        return text.includes('Ida') && !text.includes('Bo');
      });
    });

    it('stores a changed name or group, though the text is the same', async () => {
      const document = accountDocument();
      await memory.remember(document);
      expect(await memory.remember({ ...document, accountName: 'Acme Dynamics' })).toBe('stored');
      const regrouped = { ...document, accountName: 'Acme Dynamics', labels: ['industry:Aviation'] };
      expect(await memory.remember(regrouped)).toBe('stored');
      await recallUntil(
        'kickoff',
        (found) => found.length === 1 && found[0]?.accountName === 'Acme Dynamics',
      );
    });

    it('keeps accounts apart that say the same', async () => {
      const text = accountDocument().text;
      const twins = ['1', '2'].map((accountId) => ({ ...accountDocument({ accountId }), text }));
      for (const twin of twins) expect(await memory.remember(twin)).toBe('stored');
      await recallUntil('kickoff', (found) => new Set(found.map(({ accountId }) => accountId)).size === 2);
      await memory.forget('1');
      await recallUntil('kickoff', (found) => found.length > 0 && saysOf(found, '1') === '');
      expect(await memory.stats()).toMatchObject({ documents: 1 });
    });

    it('forgets an account at once, and does not mind one that it never knew', async () => {
      const document = accountDocument({ notes: ['They want zeppelins.'] });
      await memory.remember(document);
      await recallUntil('zeppelins', (found) => found.length > 0);
      await memory.forget(document.accountId);
      await memory.forget('never-known');
      expect(await memory.recall('zeppelins', 5)).toEqual([]);
      expect(await memory.stats()).toMatchObject({ documents: 0 });
      expect(await memory.remember(document)).toBe('stored');
    });

    it('shows one process what another has remembered and forgotten', async () => {
      const document = accountDocument({ notes: ['They want zeppelins.'] });
      await memory.recall('zeppelins', 5);
      await harness.otherProcess.remember(document);
      await recallUntil('zeppelins', (found) => found.length > 0);
      await harness.otherProcess.forget(document.accountId);
      expect(await memory.recall('zeppelins', 5)).toEqual([]);
    });

    it('takes many at once, two processes and the same account included', async () => {
      const many = Array.from({ length: 20 }, (_item, index) => {
        return accountDocument({ accountId: `many-${index}`, notes: [`Number ${index} wants zeppelins.`] });
      });
      const rivals = Array.from({ length: 6 }, (_item, index) => {
        return accountDocument({ accountId: 'rival', notes: [`Version ${index} of the airships.`] });
      });
      await Promise.all([
        ...many.map((document) => memory.remember(document)),
        ...rivals.map((document, index) =>
          (index % 2 === 0 ? memory : harness.otherProcess).remember(document),
        ),
      ]);
      expect(await memory.stats()).toMatchObject({ documents: 21 });
      await recallUntil('version of the airships', (found) => {
        return saysOf(found, 'rival').match(/Version \d of the airships/g)?.length === 1;
      });
    });

    it('gives back what it has of an account, with when and whether it can be recalled', async () => {
      const document = accountDocument({ notes: ['They want zeppelins.\n\nAnd a hangar.'] });
      expect(await memory.find(document.accountId)).toBeUndefined();
      expect(await memory.accountIds()).toEqual([]);
      const before = Date.now();
      await memory.remember(document);
      await recallUntil('zeppelins', (found) => found.length > 0);
      const found = await harness.otherProcess.find(document.accountId);
      expect(found).toEqual({
        ...document,
        contentHash: createHash('sha256').update(document.text).digest('hex'),
        rememberedAt: expect.any(String) as string,
        isRecallable: true,
      });
      expect(Date.parse(found?.rememberedAt ?? '')).toBeGreaterThanOrEqual(before - 1_000);
      await memory.remember({ ...accountDocument({ accountId: 'bare' }), labels: [] });
      expect((await memory.find('bare'))?.labels).toEqual([]);
      expect((await memory.accountIds()).sort()).toEqual([document.accountId, 'bare'].sort());
      await memory.forget('bare');
      expect(await memory.accountIds()).toEqual([document.accountId]);
    });

    it('has nothing of the older document once it is replaced', async () => {
      const older = accountDocument({ notes: ['Ask ana@corp.example for zeppelins.'] });
      await memory.remember(older);
      await recallUntil('zeppelins', (found) => found.length > 0);
      const newer = accountDocument({ notes: ['They want submarines.'] });
      await memory.replace(newer);
      // A memory may already offer the newer text as the nearest thing it has.
      const found = await memory.recall('zeppelins', 5);
      expect(found.filter(({ text }) => text.includes('zeppelins'))).toEqual([]);
      expect((await harness.otherProcess.find(newer.accountId))?.text).toBe(newer.text);
      await memory.replace(newer);
      await recallUntil('submarines', (found) => found.length > 0);
      expect(await memory.stats()).toMatchObject({ documents: 1 });
    });

    it('says when it last remembered', async () => {
      const before = Date.now();
      await memory.remember(accountDocument());
      const { lastRememberedAt } = await memory.stats();
      const remembered = Date.parse(lastRememberedAt ?? '');
      expect(remembered).toBeGreaterThanOrEqual(before - 1_000);
      expect(remembered).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    it('keeps text of any language and form', async () => {
      const odd = [
        'Müller & Söhne 🙂',
        'NUL-free "quotes" \\ and {braces}',
        '日本語のメモ',
        "O'Brien's note",
      ];
      await memory.remember(accountDocument({ notes: odd }));
      for (const [query, text] of [
        ['muller', odd[0]],
        ['braces', odd[1]],
        ["o'brien", odd[3]],
      ] as const) {
        await recallUntil(query, (found) => found[0]?.text.includes(String(text)) === true);
      }
    });

    it('has no answer to a question without a word', async () => {
      await memory.remember(accountDocument());
      expect(await memory.recall('  ', 5)).toEqual([]);
      expect(await memory.recall('?!', 5)).toEqual([]);
    });
  });
}
