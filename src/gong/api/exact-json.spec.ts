import fc from 'fast-check';
import { parseExactJson } from './exact-json.js';

describe('parseExactJson', () => {
  it('keeps a 20-digit id that came as a number, to the digit', () => {
    expect(parseExactJson('{"id":81234567890123456789,"ids":[81234567890123456789, 7]}')).toEqual({
      id: '81234567890123456789',
      ids: ['81234567890123456789', 7],
    });
  });

  it('leaves fractions, exponents, safe integers and digits inside texts alone', () => {
    const text =
      '{"f":0.12345678901234567,"g":12345678901234567.5,"e":1234567890123456789e2,"s":9007199254740991,' +
      '"n":-12345678901234567890,"t":"id: 81234567890123456789, \\"x\\":12345678901234567890"}';
    expect(parseExactJson(text)).toEqual({
      ...(JSON.parse(text) as object),
      n: '-12345678901234567890',
    });
  });

  it('parses all other JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const numbers = /\d{16,}/.test(text);
        fc.pre(!numbers);
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => parseExactJson('{"calls": [')).toThrow(SyntaxError);
  });
});
