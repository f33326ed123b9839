import { questionTermsOf } from '../text/words.js';
import type { CogneeHit } from './cognee-answers.js';
import { accountOf, quoteOfHit } from './cognee-quotes.js';
import { uploadOf } from './cognee-upload.js';

const DOCUMENT = {
  accountId: '6890123000000451007',
  accountName: 'Acme (Robotics)',
  labels: ['industry:Robots'],
  text: '# Acme\n\n## Notes\n- One of the price\n- Two of the weather\n',
  contentHash: '',
};
const hit = (more: Partial<CogneeHit> = {}): CogneeHit => ({
  text: uploadOf(DOCUMENT).text,
  nodeSets: [],
  distance: null,
  ...more,
});

describe('accountOf', () => {
  it('believes the node set before the text, and the text where there is no node set', () => {
    expect(accountOf(hit({ nodeSets: ['zoho', 'account:42'] }))).toBe('42');
    expect(accountOf(hit())).toBe('6890123000000451007');
  });

  it('does not guess: a text that only mentions an account is not of that account', () => {
    expect(accountOf(hit({ text: 'They know Beta (account 7) well.\nMore.' }))).toBeNull();
    expect(accountOf(hit({ text: 'First line.\nBeta (account 7)\n' }))).toBeNull();
  });
});

describe('quoteOfHit', () => {
  const quote = (question: string, of = hit()) => quoteOfHit(of, questionTermsOf(question));

  it('shows the passages that share words with the question, without our own first lines', () => {
    expect(quote('what about the price?')).toBe('Notes: One of the price');
  });

  it('shows the beginning of what was found by its meaning alone', () => {
    expect(quote('zeppelin')).toBe(DOCUMENT.text.trim());
    const long = hit({ text: `Begin ${'word '.repeat(400)}` });
    expect(quote('zeppelin', long)).toMatch(/^Begin word .* \.\.\.$/);
    expect(quote('zeppelin', long).length).toBeLessThan(810);
  });
});

describe('uploadOf', () => {
  it('has another fingerprint and file name when text, name, labels or account change, and else the same', () => {
    const { fingerprint, fileName } = uploadOf(DOCUMENT);
    expect(uploadOf({ ...DOCUMENT, labels: [...DOCUMENT.labels] })).toMatchObject({ fingerprint, fileName });
    const changes = [{ text: 'other' }, { accountName: 'other' }, { labels: [] }, { accountId: '7' }];
    for (const change of changes) {
      const other = uploadOf({ ...DOCUMENT, ...change });
      expect(other.fingerprint).not.toBe(fingerprint);
      expect(other.fileName).not.toBe(fileName);
    }
  });

  it('has a file name that every system takes', () => {
    expect(uploadOf({ ...DOCUMENT, accountId: '../a b:c' }).fileName).toMatch(
      /^account_[\w-]+_[0-9a-f]{16}\.txt$/,
    );
  });
});
