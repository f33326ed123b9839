import * as fc from 'fast-check';
import { emailAddressIn, mentionOf } from './mention.js';

const ANA = 'ana.b+x@corp.example';

describe(mentionOf, () => {
  const isNamedIn = mentionOf(ANA);

  it.each([
    ANA,
    'ANA.B+X@Corp.Example',
    `write to ${ANA}.`,
    `<${ANA}>`,
    `mailto:${ANA}?subject=x`,
    JSON.stringify({ email: ANA }),
    JSON.stringify({ body: JSON.stringify({ email: ANA }) }),
    JSON.stringify(`line\n${ANA}`),
    'to=ana.b%2Bx%40corp.example&x=1',
    '{"email":"ana.b+x\\u0040corp.example"}',
  ])('finds it in %s', (text) => {
    expect(isNamedIn(text)).toBe(true);
  });

  it.each([
    `bb${ANA}`,
    `x.${ANA}`,
    `${ANA}.org`,
    'anaxb+x@corp.example',
    'ana.b@corp.example',
    'ana.b+x@sub.corp.example',
    'ana.b+x@corp-example',
    '',
  ])('does not find it in "%s"', (text) => {
    expect(isNamedIn(text)).toBe(false);
  });

  it.each(["o'brien@corp.example", 'a#b!c@corp.example', 'a^b{c}|d~e@corp.example'])(
    'finds %s in a form too',
    (email) => {
      const form = new URLSearchParams({ to: email }).toString();
      expect(mentionOf(email)(form)).toBe(true);
      expect(mentionOf(email)(JSON.stringify({ email }))).toBe(true);
      expect(mentionOf('obrien@corp.example')(form)).toBe(false);
    },
  );

  it('finds any address that it takes for one, wherever it stands in JSON of JSON', () => {
    const local = fc.stringMatching(/^[a-z0-9_+'-]{1,12}(\.[a-z0-9_+'-]{1,12})?$/);
    const domain = fc.stringMatching(/^[a-z0-9]{1,9}(\.[a-z0-9]{1,9})?\.[a-z]{2,6}$/);
    fc.assert(
      fc.property(local, domain, fc.string(), fc.string(), (name, host, before, after) => {
        const email = `${name}@${host}`;
        fc.pre(emailAddressIn(email) === email);
        const text = JSON.stringify({ body: JSON.stringify([before, `${before} ${email} ${after}`]) });
        expect(mentionOf(email)(text)).toBe(true);
      }),
    );
  });
});

describe(emailAddressIn, () => {
  it.each([
    ['Ana.B+X@Corp.Example', 'ana.b+x@corp.example'],
    [" o'brien@corp.co.uk ", "o'brien@corp.co.uk"],
    ['a@b.xn--p1ai', 'a@b.xn--p1ai'],
  ])('takes %s', (text, address) => {
    expect(emailAddressIn(text)).toBe(address);
  });

  it.each([
    '',
    'ana',
    '@corp.example',
    'ana@',
    'ana@corp',
    'ana@corp.1',
    'ana@@corp.example',
    'ana b@corp.example',
    '.ana@corp.example',
    'ana..b@corp.example',
    'ana@-corp.example',
    'ana@corp..example',
    '"ana"@corp.example',
    'jürgen@corp.example',
    'ana@corp.example\nbcc:x@y.example',
    `${'a'.repeat(250)}@corp.example`,
  ])('refuses %j', (text) => {
    expect(emailAddressIn(text)).toBeNull();
  });
});
