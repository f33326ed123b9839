import { FieldReader } from './field-reader.js';

const WEB = ['http:', 'https:'];

/** Reads with `use`, and gives what was read beside what is wrong. */
function read<T>(value: unknown, use: (fields: FieldReader) => T, environment: Record<string, string> = {}) {
  const problems: string[] = [];
  const result = use(new FieldReader(value, 'rules[0]', problems, (name) => environment[name]));
  return { result, problems };
}

describe('a field of a configuration file', () => {
  it.each([[null], ['text'], [['list']], [7]])('is not read from %j, and that is said once', (value) => {
    const { result, problems } = read(value, (fields) => fields.has('name'));
    expect([result, problems]).toEqual([false, ['rules[0] must be a list of named fields']]);
  });

  it('that nobody has asked for is refused: a misspelt restriction would restrict nothing', () => {
    const { problems } = read({ name: 'a', acounts: ['42'] }, (fields) => {
      fields.text('name');
      fields.refuseOthers();
    });
    expect(problems).toEqual(['rules[0].acounts is not known']);
  });

  it.each([
    ['text', (fields: FieldReader) => fields.text('f'), [7, '', null, undefined], 'must be a text'],
    ['texts', (fields: FieldReader) => fields.texts('f'), [[], ['a', 7], ['']], 'must list texts'],
    [
      'one of some',
      (fields: FieldReader) => fields.oneOf('f', ['a', 'b']),
      ['c', 7, undefined],
      'must be one of a, b',
    ],
    [
      'a list of some',
      (fields: FieldReader) => fields.listOf('f', ['a', 'b']),
      [[], ['a', 'c'], ['a', 'a']],
      'must list some of a, b',
    ],
    [
      'a number',
      (fields: FieldReader) => fields.optionalNumber('f', { min: 0, max: 1 }),
      [2, -1, '1', null, Number.NaN],
      'must be a number from 0 to 1',
    ],
    [
      'numbers',
      (fields: FieldReader) => fields.optionalNumbers('f', { min: 1, max: 9 }),
      [[0], [1, '2'], [1, 10]],
      'must list numbers from 1 to 9',
    ],
  ] as const)(
    'that is to be %s is refused as anything else, by its name only',
    (_what, use, values, problem) => {
      for (const value of values) {
        expect(read({ f: value }, use as (fields: FieldReader) => unknown).problems).toEqual([
          `rules[0].f ${problem}`,
        ]);
      }
    },
  );

  it('that is to be a list says so where it is none', () => {
    expect(read({ f: 'a' }, (fields) => fields.items('f')).problems).toEqual(['rules[0].f must be a list']);
  });

  it('that may be left out is nothing then, and is read where it is there', () => {
    const readAll = (fields: FieldReader) => [
      fields.optionalTexts('texts'),
      fields.optionalListOf('list', ['a', 'b']),
      fields.optionalNumber('number', { min: 0, max: 1 }),
      fields.optionalNumbers('numbers', { min: 0, max: 9 }),
    ];
    expect(read({}, readAll)).toEqual({ result: [undefined, undefined, undefined, undefined], problems: [] });
    const all = { texts: ['x'], list: ['b', 'a'], number: 0, numbers: [9, 0] };
    expect(read(all, readAll)).toEqual({ result: [['x'], ['a', 'b'], 0, [9, 0]], problems: [] });
  });

  it('within another is named by its whole path', () => {
    const { problems } = read({ targets: { one: { url: 7 } }, rules: [{}, 'x'] }, (fields) => {
      for (const [, target] of fields.entries('targets')) target.text('url');
      for (const item of fields.items('rules')) item.text('name');
      fields.entries('others');
    });
    expect(problems).toEqual([
      'rules[0].targets.one.url must be a text',
      'rules[0].rules[1] must be a list of named fields',
      'rules[0].rules[0].name must be a text',
      'rules[0].rules[1].name must be a text',
      'rules[0].others must be a list of named fields',
    ]);
  });
});

describe('an address in a configuration file', () => {
  it.each(['not an address', 'ftp://x.example', 'javascript:alert(1)', '//x.example'])(
    'is refused as %j, and not shown',
    (url) => {
      const { problems } = read({ url }, (fields) => fields.plainUrl('url', WEB));
      expect(problems).toEqual(['rules[0].url must be an address that begins with http: or https:']);
    },
  );

  it.each(['https://ann@x.example', 'https://:hunter2@x.example', 'https://ann:hunter2@x.example'])(
    'holds no password where everybody can read it: %j',
    (url) => {
      const { problems } = read({ url }, (fields) => fields.plainUrl('url', WEB));
      expect(problems).toEqual(['rules[0].url must not hold a password: give the whole address by urlFrom']);
    },
  );

  it('that is a secret comes from the variable that the file names, and may hold a password', () => {
    const url = 'https://ann:hunter2@x.example';
    const use = (fields: FieldReader) => fields.secretUrl('urlFrom', WEB);
    expect(read({ urlFrom: 'ALERT_URL' }, use, { ALERT_URL: url })).toEqual({ result: url, problems: [] });
    expect(read({ urlFrom: 'ALERT_URL' }, use).problems).toEqual([
      'rules[0].urlFrom must name an environment variable that is set',
    ]);
    expect(read({ urlFrom: 'ALERT_URL' }, use, { ALERT_URL: 'hunter2' }).problems).toEqual([
      'rules[0].urlFrom must be an address that begins with http: or https:',
    ]);
    expect(read({}, use).problems).toEqual(['rules[0].urlFrom must be a text']);
  });

  it('has secrets that are of the form asked for, and none is shown', () => {
    const use = (fields: FieldReader) => fields.secrets('from', /^whsec_/, 'must hold whsec_');
    const environment = { GOOD: 'whsec_1', BAD: 'hunter2' };
    expect(read({ from: ['GOOD'] }, use, environment)).toEqual({ result: ['whsec_1'], problems: [] });
    expect(read({ from: ['GOOD', 'BAD'] }, use, environment).problems).toEqual([
      'rules[0].from must hold whsec_',
    ]);
    expect(read({ from: ['NOT_SET'] }, use, environment).problems).toEqual([
      'rules[0].from must name an environment variable that is set',
    ]);
  });
});
