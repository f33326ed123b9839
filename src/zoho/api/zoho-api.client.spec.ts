import { Counter, Gauge } from 'prom-client';
import { loadConfig } from '../../config/load-config.js';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { ZohoApiClient } from './zoho-api.client.js';
import type { ZohoBackoff } from './zoho-backoff.js';
import type { ZohoConcurrencyGate } from './zoho-concurrency.gate.js';
import { ZohoLastCall } from './zoho-last-call.js';
import { DEFAULT_PATIENCE } from './zoho-patience.js';
import type { ZohoToken, ZohoTokenStore } from './zoho-token.store.js';
import type { HttpAnswer, HttpRequest, ZohoTransport } from './zoho-transport.js';

const CREDENTIALS = { ZOHO_CLIENT_ID: 'i', ZOHO_CLIENT_SECRET: 's', ZOHO_REFRESH_TOKEN: 't' };
const token = (accessToken: string): ZohoToken => ({
  accessToken,
  apiUrl: 'https://z.example',
  issuedAtMs: 0,
});
const answer = (status: number, body: Json = null, creditsRemaining: number | null = null): HttpAnswer => {
  return { status, body, creditsRemaining };
};
const failure = (code: string) => ({ code, message: 'm', status: 'error' });

/** The client with a gate that is always open, and a wire that answers what the test gives. */
class Wire {
  readonly sent: HttpRequest[] = [];
  readonly limits: (number | null)[] = [];
  readonly lastCall: ZohoLastCall;
  readonly client: ZohoApiClient;
  pause: AppError | undefined;

  constructor(answers: (HttpAnswer | Error)[], environment: Record<string, string> = CREDENTIALS) {
    const config = loadConfig(environment);
    this.lastCall = new ZohoLastCall(config);
    const tokens = {
      current: () => Promise.resolve(token('first')),
      insteadOf: () => Promise.resolve(token('second')),
    };
    const backoff = {
      refuseWhilePaused: () => (this.pause === undefined ? Promise.resolve() : Promise.reject(this.pause)),
      succeeded: () => Promise.resolve(),
      limited: (credits: number | null) => {
        this.limits.push(credits);
        return Promise.resolve(new AppError('ZOHO.RATE_LIMITED', 'wait', { afterMs: 1 }));
      },
    };
    const send = (request: HttpRequest) => {
      this.sent.push(request);
      const next = answers.shift() ?? answer(200);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    this.client = new ZohoApiClient(
      tokens as unknown as ZohoTokenStore,
      { run: (_slots: number, work: () => unknown) => work() } as unknown as ZohoConcurrencyGate,
      backoff as unknown as ZohoBackoff,
      { send } as unknown as ZohoTransport,
      config,
      this.lastCall,
      DEFAULT_PATIENCE,
      new Counter({ name: 'c', help: 'c', labelNames: ['endpoint', 'status'], registers: [] }),
      new Gauge({ name: 'g', help: 'g', labelNames: ['dependency'], registers: [] }),
    );
  }

  get() {
    return this.client.send(1, () => ({ method: 'GET', path: 'Accounts/1' }));
  }
}

describe('what Zoho answers', () => {
  it.each([200, 204, 207, 304])('with %d is an answer', async (status) => {
    const wire = new Wire([answer(status, { data: [] })]);
    expect(await wire.get()).toEqual({ status, body: { data: [] } });
    expect(await wire.lastCall.check()).toMatchObject({ status: 'up' });
  });

  it.each([
    ['a missing permission', 403, failure('NO_PERMISSION'), 'ZOHO.FORBIDDEN', /403 NO_PERMISSION$/],
    ['a missing scope', 401, failure('OAUTH_SCOPE_MISMATCH'), 'ZOHO.FORBIDDEN', /401 OAUTH_SCOPE/],
    ['a wrong request', 400, failure('INVALID_DATA'), 'ZOHO.REQUEST_REFUSED', /400 INVALID_DATA$/],
    [
      'a record that is refused',
      400,
      { data: [failure('INVALID_DATA')] },
      'ZOHO.REQUEST_REFUSED',
      /INVALID_DATA/,
    ],
    ['no code', 404, { message: 'dana@contoso.example' }, 'ZOHO.REQUEST_REFUSED', /404 no code$/],
    ['a record that is a text', 400, { data: ['odd'] }, 'ZOHO.REQUEST_REFUSED', /400 no code$/],
    ['no body', 400, null, 'ZOHO.REQUEST_REFUSED', /400 no code$/],
    ['a list', 400, [], 'ZOHO.REQUEST_REFUSED', /400 no code$/],
    ['a code that never ends', 400, { code: 'X'.repeat(999) }, 'ZOHO.REQUEST_REFUSED', /400 X{64}$/],
  ] as const)(
    'with %s is refused for good, and only its code is repeated',
    async (_what, status, body, code, text) => {
      const wire = new Wire([answer(status, body)]);
      await expect(wire.get()).rejects.toMatchObject({ code, retry: 'never' });
      expect(await wire.lastCall.check()).toMatchObject({ status: 'degraded', details: { error: code } });
      await expect(new Wire([answer(status, body as Json)]).get()).rejects.toThrow(text);
    },
  );

  it('with 429 makes everybody wait, by what it says of the credits', async () => {
    const wire = new Wire([answer(429, null, 0)]);
    await expect(wire.get()).rejects.toMatchObject({ code: 'ZOHO.RATE_LIMITED' });
    expect(wire.limits).toEqual([0]);
  });

  it('is not asked for while everybody waits, nor without credentials', async () => {
    const wire = new Wire([]);
    wire.pause = new AppError('ZOHO.CREDITS_SPENT', 'wait', { afterMs: 1 });
    await expect(wire.get()).rejects.toBe(wire.pause);
    const unknown = new Wire([], {});
    await expect(unknown.get()).rejects.toMatchObject({ code: 'ZOHO.NOT_CONFIGURED' });
    expect([wire.sent, unknown.sent]).toEqual([[], []]);
  });

  it('five times with a fault leaves it alone for a while', async () => {
    const wire = new Wire(Array.from({ length: 9 }, () => answer(503)));
    for (let time = 0; time < 7; time += 1) {
      const error = await wire.get().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'ZOHO.UNAVAILABLE',
        retry: { afterMs: expect.any(Number) as number },
      });
    }
    expect(wire.sent).toHaveLength(5);
  });

  it('is noted as unforeseen where it breaks something of ours', async () => {
    const wire = new Wire([new TypeError('odd')]);
    await expect(wire.get()).rejects.toThrow('odd');
    expect(await wire.lastCall.check()).toMatchObject({ details: { error: 'STAGE.FAILED' } });
  });
});

describe('a token that Zoho refuses', () => {
  const tokensOf = ({ sent }: Wire) => sent.map(({ headers }) => headers?.authorization);

  it.each([
    ['by name', failure('INVALID_TOKEN')],
    ['as an authentication', failure('AUTHENTICATION_FAILURE')],
    ['without a word', null],
  ])('%s is replaced once', async (_how, body) => {
    const wire = new Wire([answer(401, body), answer(200, { data: [] })]);
    expect(await wire.get()).toMatchObject({ status: 200 });
    expect(tokensOf(wire)).toEqual(['Zoho-oauthtoken first', 'Zoho-oauthtoken second']);
  });

  it('and its successor too is not replaced again: there are ten in ten minutes', async () => {
    const wire = new Wire([answer(401), answer(401), answer(200)]);
    await expect(wire.get()).rejects.toMatchObject({ code: 'ZOHO.TOKEN_UNAVAILABLE' });
    expect(wire.sent).toHaveLength(2);
  });
});

describe('a request to Zoho', () => {
  it('is made as asked for, its times to the second', async () => {
    const wire = new Wire([]);
    await wire.client.send(1, () => ({
      ...{ method: 'POST', path: 'Deals', query: { page: '1' }, body: { a: 1 } },
      ifModifiedSince: new Date('2026-03-04T10:00:00.789Z'),
    }));
    expect(wire.sent).toEqual([
      {
        method: 'POST',
        url: 'https://z.example/crm/v8/Deals?page=1',
        headers: {
          authorization: 'Zoho-oauthtoken first',
          'content-type': 'application/json',
          'if-modified-since': '2026-03-04T10:00:00+00:00',
        },
        body: '{"a":1}',
      },
    ]);
  });

  it('does not leave after its time', async () => {
    const wire = new Wire([]);
    const late = { method: 'POST', path: 'Tasks', leaveByMs: Date.now() - 1 } as const;
    await expect(wire.client.send(1, () => late)).rejects.toMatchObject({ code: 'ZOHO.BUSY' });
    expect(wire.sent).toEqual([]);
  });
});
