import { questionTermsOf, termsOf } from './words.js';

const groupsIn = (text: string) => termsOf(text).filter((term) => term.startsWith('~'));

describe('termsOf', () => {
  it('leaves out what is in every text', () => {
    expect(termsOf('Who of the customers is it about?')).toEqual([]);
  });

  it('reads accents, case and apostrophes as people type them', () => {
    expect(termsOf("Müller O'Brien ÉTAGE")).toEqual(termsOf('muller obrien etage'));
  });

  it.each([
    'unhappy',
    'frustrated',
    'They were disappointed',
    'not happy',
    'not at all satisfied',
    "isn't pleased",
    'no longer happy',
    'raised a complaint',
  ])('reads %p as dissatisfied', (text) => {
    expect(groupsIn(text)).toEqual(['~dissatisfied']);
  });

  it.each([
    ['very happy', ['~satisfied']],
    ['never frustrated', []],
    ['No. Happy with it', ['~satisfied']],
    ['not the renewal, happy', ['~satisfied']],
  ])('reads %p as %p', (text, groups) => {
    expect(groupsIn(text)).toEqual(groups);
  });
});

describe('questionTermsOf', () => {
  it('counts the very word more than its group', () => {
    const terms = [...questionTermsOf('unhappy')];
    expect(terms).toHaveLength(2);
    const [[word, ofWord], [group, ofGroup]] = terms as [[string, number], [string, number]];
    expect(group).toBe('~dissatisfied');
    expect(word.startsWith('~')).toBe(false);
    expect(ofWord).toBeGreaterThan(ofGroup);
  });
});
