import { errorOfAnswer, loginRefused, noAnswer, pipelineFailed } from './cognee-errors.js';

const ROUTE = 'POST /api/v1/add';

describe('errorOfAnswer', () => {
  it.each([
    [400, undefined, 'MEMORY.REFUSED', 'never'],
    [413, undefined, 'MEMORY.REFUSED', 'never'],
    [422, { detail: [] }, 'MEMORY.REFUSED', 'never'],
    [401, undefined, 'MEMORY.UNAUTHORIZED', { afterMs: 60_000 }],
    [403, undefined, 'MEMORY.UNAUTHORIZED', { afterMs: 60_000 }],
    [402, undefined, 'MEMORY.BUDGET_EXHAUSTED', { afterMs: 900_000 }],
    [404, undefined, 'MEMORY.CONFLICT', { afterMs: 60_000 }],
    [409, { error: 'no data' }, 'MEMORY.CONFLICT', { afterMs: 15_000 }],
    [420, undefined, 'MEMORY.PIPELINE_FAILED', { afterMs: 60_000 }],
    [500, { error: 'the graph could not be built' }, 'MEMORY.PIPELINE_FAILED', { afterMs: 60_000 }],
    [500, { detail: 'Internal Server Error' }, 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
    [502, undefined, 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
    [502, null, 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
    [302, undefined, 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
  ])('says of %d with the body %j that it is %s', (status, body, code, retry) => {
    expect(errorOfAnswer(ROUTE, { status, body })).toMatchObject({ code, retry });
  });

  it.each([
    [7, 7_000],
    [0, 1_000],
    [-3, 1_000],
    [31_536_000, 3_600_000],
  ])('waits after a Retry-After of %d s for %d ms', (retryAfterSeconds, afterMs) => {
    expect(errorOfAnswer(ROUTE, { status: 503, body: undefined, retryAfterSeconds }).retry).toEqual({
      afterMs,
    });
  });

  it('never comes back with what can never succeed, whatever Retry-After says', () => {
    expect(errorOfAnswer(ROUTE, { status: 422, body: undefined, retryAfterSeconds: 7 }).retry).toBe('never');
  });

  it('names the route and the status, and nothing of what was said', () => {
    const { message } = errorOfAnswer(ROUTE, { status: 500, body: { error: 'dana@contoso.example' } });
    expect(message).toBe('Cognee could not process it: POST /api/v1/add answered 500');
  });
});

describe('other failures of Cognee', () => {
  it.each([
    ['no answer', noAnswer(ROUTE, 'ECONNREFUSED'), 'MEMORY.UNAVAILABLE', 15_000],
    ['no answer while it is left alone', noAnswer(ROUTE, 'left alone', 5), 'MEMORY.UNAVAILABLE', 5],
    ['a pipeline that has ended badly', pipelineFailed(ROUTE), 'MEMORY.PIPELINE_FAILED', 60_000],
    [
      'a refused login, which is never the fault of a document',
      loginRefused(400),
      'MEMORY.UNAUTHORIZED',
      60_000,
    ],
  ])('wait and use up no attempt: %s', (_what, error, code, afterMs) => {
    expect(error).toMatchObject({ code, retry: { afterMs } });
  });
});
