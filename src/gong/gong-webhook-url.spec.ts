import { expectedWebhookUrls, normalisedUrl } from './gong-webhook-url.js';

describe('normalisedUrl', () => {
  it.each([
    [
      'a trailing slash',
      'https://hooks.example/webhook/gong/calls/',
      'https://hooks.example/webhook/gong/calls',
    ],
    ['upper case in the host', 'https://Hooks.Example/a', 'https://hooks.example/a'],
    ['the default port', 'https://hooks.example:443/a', 'https://hooks.example/a'],
    ['needless percent-encoding', 'https://hooks.example/a%7Eb', 'https://hooks.example/a~b'],
    ['encodings in lower case', 'https://hooks.example/a%2fb%c3%a9', 'https://hooks.example/a%2Fb%C3%A9'],
    [
      'what needs to be encoded, unencoded',
      'https://hooks.example/caf\u00e9 {x}|y',
      'https://hooks.example/caf%C3%A9%20%7Bx%7D%7cy',
    ],
    [
      'a blank in the query, spelled twice',
      'https://hooks.example/a?x=1+2',
      'https://hooks.example/a?x=1%202',
    ],
    ['a trailing slash before the query', 'https://hooks.example/a/?x=1', 'https://hooks.example/a?x=1'],
    ['an empty query', 'https://hooks.example/a?', 'https://hooks.example/a'],
    ['a parameter without a value', 'https://hooks.example/a?x', 'https://hooks.example/a?x='],
    ['dots in the path', 'https://hooks.example/b/../a/./c', 'https://hooks.example/a/c'],
    ['another order of the query', 'https://hooks.example/a?y=2&x=1', 'https://hooks.example/a?x=1&y=2'],
    ['a fragment', 'https://hooks.example/a#b', 'https://hooks.example/a'],
  ])('takes %s as the same address', (_what, left, right) => {
    expect(normalisedUrl(left)).toBe(normalisedUrl(right));
  });

  it.each([
    ['another path', 'https://hooks.example/a', 'https://hooks.example/b'],
    ['another scheme', 'http://hooks.example/a', 'https://hooks.example/a'],
    ['another port', 'https://hooks.example:8443/a', 'https://hooks.example/a'],
    ['an encoded slash', 'https://hooks.example/a%2Fb', 'https://hooks.example/a/b'],
    ['an encoded percent sign', 'https://hooks.example/a%2541', 'https://hooks.example/a%41'],
    ['what is no encoding', 'https://hooks.example/a%25zz', 'https://hooks.example/a%zz'],
    ['another case of the path', 'https://hooks.example/A', 'https://hooks.example/a'],
    ['more in the query', 'https://hooks.example/a?x=1&x=2', 'https://hooks.example/a?x=1'],
    ['another query value', 'https://hooks.example/a?x=1', 'https://hooks.example/a?x=2'],
  ])('tells %s apart', (_what, left, right) => {
    expect(normalisedUrl(left)).not.toBe(normalisedUrl(right));
  });
});

describe('expectedWebhookUrls', () => {
  const CALLS = 'https://hooks.example/webhook/gong/calls';
  const EMAILS = 'https://hooks.example/webhook/gong/emails';
  const REWRITTEN = 'https://proxy.example/in';

  it('is made from the public address and the requested path, never from the Host header', () => {
    const expected = expectedWebhookUrls([], 'https://hooks.example/base/', '/webhook/gong/calls?x=1');
    expect(expected).toEqual(['https://hooks.example/base/webhook/gong/calls?x=1']);
  });

  it('is the configured list where there is one, without the addresses of other routes', () => {
    const configured = [CALLS, EMAILS, REWRITTEN, `${CALLS}?team=1`];
    const expected = expectedWebhookUrls(configured, 'https://other.example', '/webhook/gong/c%61lls');
    expect(expected).toEqual([CALLS, REWRITTEN, `${CALLS}?team=1`]);
  });

  it('is the whole list where the requested path is none of ours', () => {
    expect(expectedWebhookUrls([CALLS, EMAILS], undefined, '/elsewhere')).toEqual([CALLS, EMAILS]);
  });

  it('is nothing where nothing is configured', () => {
    expect(expectedWebhookUrls([], undefined, '/webhook/gong/calls')).toEqual([]);
  });
});
