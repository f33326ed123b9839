import { bestPassagesOf, type Candidate, rankPassages } from './passage-ranking.js';
import { questionTermsOf } from './words.js';

const candidate = (accountId: string, text: string, more: Partial<Candidate> = {}): Candidate => ({
  accountId,
  accountName: accountId,
  labels: [],
  text,
  score: 1,
  ...more,
});
const ask = (question: string, candidates: Candidate[], limit = 10) =>
  rankPassages(candidates, questionTermsOf(question), limit).map(({ text }) => text);

describe('rankPassages', () => {
  it('puts the passage that says it all before passages that say a part', () => {
    const candidates = [
      candidate('a', '- Very happy with the onboarding\n- Unhappy with the price'),
      candidate('b', '- Frustrated with the onboarding'),
    ];
    expect(ask('who is unhappy about onboarding?', candidates)[0]).toBe('Frustrated with the onboarding');
  });

  it('prefers, of passages that say the same, the one whose document says more', () => {
    const candidates = [
      candidate('a', '- Onboarding started', { score: 1 }),
      candidate('b', '- Onboarding started', { score: 2 }),
    ];
    const [first] = rankPassages(candidates, questionTermsOf('onboarding'), 1);
    expect(first?.candidate.accountId).toBe('b');
  });

  it('answers a question for a name with its passages, and nothing of others', () => {
    const candidates = [candidate('Acme', '- One\n- Two'), candidate('Beta', '- Three')];
    expect(ask('acme', candidates)).toEqual(['One', 'Two']);
  });

  it('has the same order for the same question', () => {
    const candidates = ['c', 'a', 'b'].map((id) => candidate(id, '- Same words'));
    const order = (list: Candidate[]) =>
      rankPassages(list, questionTermsOf('same words'), 3).map(({ candidate: { accountId } }) => accountId);
    expect(order(candidates)).toEqual(['a', 'b', 'c']);
    expect(order([...candidates].reverse())).toEqual(['a', 'b', 'c']);
  });
});

describe('bestPassagesOf', () => {
  it('gives the best passages in the order of the text, and none without a common word', () => {
    const text = '# T\n- price talk\n- other\n- price of the renewal';
    const found = (question: string, count: number) =>
      bestPassagesOf(text, questionTermsOf(question), count).map((passage) => passage.text);
    expect(found('renewal price', 1)).toEqual(['price of the renewal']);
    expect(found('renewal price', 2)).toEqual(['price talk', 'price of the renewal']);
    expect(found('zeppelin', 2)).toEqual([]);
  });
});
