import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import type { AppError } from '../../../src/contracts/errors.js';
import { LlmClient } from '../../../src/insights/llm/llm.client.js';
import { DEFAULT_LLM_PATIENCE } from '../../../src/insights/llm/llm-patience.js';

/** An answer as it stands on the wire, which no well-behaved server gives. */
interface RawAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

const completion = (choice: object, more: object = {}) =>
  JSON.stringify({ choices: [{ finish_reason: 'stop', ...choice }], ...more });
const SAYS = { message: { content: '[]' } };

describe("odd answers of a language model's server", () => {
  let server: Server;
  let client: LlmClient;
  let asked: number;
  let answers: RawAnswer[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked += 1;
      const { status, headers = {}, body = '' } = answers.shift() ?? { status: 500 };
      request.resume().on('end', () => {
        response.writeHead(status, headers as Record<string, string | string[]>).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  beforeEach(() => {
    asked = 0;
    const { port } = server.address() as AddressInfo;
    const calls = new Counter({ name: 'a', help: 'a', labelNames: ['status'], registers: [] });
    const states = new Gauge({ name: 's', help: 's', labelNames: ['dependency'], registers: [] });
    const environment = { LLM_BASE_URL: `http://127.0.0.1:${port}/v1/`, LLM_MODEL: 'odd' };
    const config = loadConfig({ ...environment, LLM_DAILY_TOKEN_BUDGET: '1000000' });
    client = new LlmClient(config, DEFAULT_LLM_PATIENCE, calls, states);
  });
  afterEach(() => client.onApplicationShutdown());

  const complete = (...given: RawAnswer[]) => {
    answers = given;
    return client.complete([]);
  };
  const failure = (...given: RawAnswer[]) =>
    complete(...given).then(
      () => {
        throw new Error('it was taken for an answer');
      },
      (error: unknown) => error as AppError,
    );

  it.each([
    ['of 7 s', '7', 7_000],
    ['of nothing, which would be a storm of requests', '0', 1_000],
    ['that is longer than anybody waits', '86400', 300_000],
    ['that is negative', '-7', 20_000],
    ['that is a date', 'Wed, 04 Mar 2026 10:00:00 GMT', 20_000],
  ])('waits after a 429 with a Retry-After %s', async (_what, retryAfter, afterMs) => {
    const limited = { status: 429, headers: { 'retry-after': retryAfter } };
    expect(await failure(limited)).toMatchObject({ code: 'LLM.RATE_LIMITED', retry: { afterMs } });
  });

  it('waits a while after a 429 without one', async () => {
    const retry = { afterMs: DEFAULT_LLM_PATIENCE.limitedMs };
    expect(await failure({ status: 429 })).toMatchObject({ code: 'LLM.RATE_LIMITED', retry });
  });

  it.each([
    ['no JSON', 'upstream says hello'],
    ['a list', '[]'],
    ['no choices', '{}'],
    ['choices that are no list', '{"choices":"none"}'],
    ['an empty list of choices', '{"choices":[]}'],
    ['a choice that is a text', '{"choices":["hello"]}'],
    ['a message without content', completion({ message: { role: 'assistant' } })],
    ['a content of parts', completion({ message: { content: [{ type: 'text', text: '[]' }] } })],
  ])('comes back later where a 200 holds %s', async (_what, body) => {
    expect(await failure({ status: 200, body })).toMatchObject({ code: 'LLM.MALFORMED', retry: 'backoff' });
  });

  it.each([
    ['was filtered', completion({ finish_reason: 'content_filter', message: { content: 'I' } })],
    ['was cut off', completion({ finish_reason: 'length', message: { content: '{"findings":[' } })],
    ['is a refusal', completion({ message: { content: '[]', refusal: 'I cannot help with that.' } })],
  ])('does not ask again for an answer that %s', async (_what, body) => {
    expect(await failure({ status: 200, body })).toMatchObject({ code: 'LLM.REFUSED', retry: 'never' });
  });

  it.each([
    ['a number', { usage: { total_tokens: 41.5 } }, 42],
    ['nothing', {}, null],
    ['null, as llama.cpp does while it streams', { usage: null }, null],
    ['a text', { usage: { total_tokens: '41' } }, null],
    ['a negative number', { usage: { total_tokens: -1 } }, null],
  ])('takes what it cost only where the server counts: %s', async (_what, usage, tokens) => {
    const body = completion(SAYS, usage);
    expect(await complete({ status: 200, body })).toEqual({ text: '[]', tokens });
  });

  it('asks without a schema where a 400 may be about it, and remembers only if that was it', async () => {
    const good = { status: 200, body: completion(SAYS) };
    const wrong = { status: 400, body: '{"error":"unsupported"}' };
    expect(await failure(wrong, wrong)).toMatchObject({ code: 'LLM.REFUSED', retry: 'never' });
    expect(asked).toBe(2);
    await complete(wrong, good);
    expect(asked).toBe(4);
    expect(await failure(wrong)).toMatchObject({ code: 'LLM.REFUSED' });
    expect(asked).toBe(5);
  });
});
