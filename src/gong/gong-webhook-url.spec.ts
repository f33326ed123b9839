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
    ['another query value', 'https://hooks.example/a?x=1', 'https://hooks.example/a?x=2'],
  ])('tells %s apart', (_what, left, right) => {
    expect(normalisedUrl(left)).not.toBe(normalisedUrl(right));
  });
});

describe('expectedWebhookUrls', () => {
  it('is made from the public address and the requested path, never from the Host header', () => {
    const expected = expectedWebhookUrls(new Set(), 'https://hooks.example/base/', '/webhook/gong/calls?x=1');
    expect([...expected]).toEqual(['https://hooks.example/base/webhook/gong/calls?x=1']);
  });

  it('is the configured list where there is one', () => {
    const configured = new Set(['https://proxy.example/in']);
    expect(expectedWebhookUrls(configured, 'https://hooks.example', '/webhook/gong/calls')).toBe(configured);
  });
});
