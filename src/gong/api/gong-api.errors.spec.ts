import { gongFailure, gongUnavailable } from './gong-api.errors.js';

const errors = (...texts: unknown[]) => ({ requestId: 'r', errors: texts }) as never;
const failure = (status: number, body?: unknown, retryAfter?: string) =>
  gongFailure(status, body as never, retryAfter);

describe('gongFailure', () => {
  it.each([
    ['for a request that was too many', 429, errors('slow down'), 'GONG.RATE_LIMITED', { afterMs: 2_000 }],
    ['for a fault of Gong', 500, errors('oops'), 'GONG.UNAVAILABLE', { afterMs: 5_000 }],
    ['for a gateway that speaks HTML', 502, undefined, 'GONG.UNAVAILABLE', { afterMs: 5_000 }],
    ['for a request that Gong gave up on', 408, undefined, 'GONG.UNAVAILABLE', { afterMs: 5_000 }],
    ['for a redirect, which is never followed', 302, undefined, 'GONG.UNAVAILABLE', { afterMs: 5_000 }],
    ['for wrong keys', 401, errors('Unauthorized'), 'GONG.CREDENTIALS_REFUSED', { afterMs: 300_000 }],
    ['for wrong keys without a word', 401, undefined, 'GONG.CREDENTIALS_REFUSED', { afterMs: 300_000 }],
    ['for a key that was locked', 403, errors('Forbidden'), 'GONG.CREDENTIALS_REFUSED', { afterMs: 300_000 }],
    [
      'for a scope that the key lacks',
      401,
      errors("You don't have permission to call this endpoint"),
      'GONG.SCOPE_MISSING',
      { afterMs: 300_000 },
    ],
    ['for an old cursor', 400, errors('The cursor has expired'), 'GONG.CURSOR_EXPIRED', { afterMs: 5_000 }],
    ['for a request that is wrong', 400, errors('callIds: bad'), 'GONG.REQUEST_REFUSED', 'never'],
    ['for a wrong request without a word', 400, {}, 'GONG.REQUEST_REFUSED', 'never'],
    ['for a 404 of another kind', 404, errors('Unknown endpoint'), 'GONG.REQUEST_REFUSED', 'never'],
  ] as const)('says %s what it is and when to come back', (_what, status, body, code, retry) => {
    expect(failure(status, body)).toMatchObject({ code, retry, status: String(status) });
  });

  it.each(['No calls found corresponding to the provided filters', 'Call was not found'])(
    'knows "%s" as an empty result, and no failure',
    (text) => {
      expect(failure(404, errors(text))).toBeNull();
    },
  );

  it.each([undefined, null, [], 'Not Found', { errors: 'no list' }, errors(), errors(7)])(
    'takes a 404 with the body %j for a wrong address, not for an empty result',
    (body) => {
      expect(failure(404, body)).toMatchObject({ code: 'GONG.UNAVAILABLE', status: 'malformed' });
    },
  );

  it('shows the beginning of what Gong says only', () => {
    const message = failure(400, errors('x'.repeat(5_000)))?.message ?? '';
    expect(message).toBe(`Gong answered 400: ${'x'.repeat(200)}`);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['no time at all, which would be a storm', '0', 1_000],
    ['a time that has been', 'Wed, 04 Mar 2020 10:00:00 GMT', 1_000],
    ['a negative time', '-5', 1_000],
    ['more than a day, which no limit of Gong lasts', '9999999', 25 * 3_600_000],
    ['infinity', 'Infinity', 25 * 3_600_000],
    ['what is no time', 'soon', 2_000],
    ['nothing', undefined, 2_000],
  ])('waits after a 429 whose Retry-After says %s', (_what, header, afterMs) => {
    expect(failure(429, undefined, header)?.retry).toEqual({ afterMs });
  });

  it('waits until a date that Retry-After names', () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const { afterMs } = failure(503, undefined, inAMinute)?.retry as { afterMs: number };
    expect(afterMs).toBeGreaterThan(50_000);
    expect(afterMs).toBeLessThanOrEqual(60_000);
  });
});

describe('gongUnavailable', () => {
  it('keeps the reason for the log, and comes back soon', () => {
    const cause = new Error('ECONNRESET');
    expect(gongUnavailable('network', 'no answer', cause)).toMatchObject({
      ...{ code: 'GONG.UNAVAILABLE', status: 'network', retry: { afterMs: 5_000 }, cause },
    });
  });
});
