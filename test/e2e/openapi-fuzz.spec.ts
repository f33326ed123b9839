import fc from 'fast-check';
import { gongCall } from '../factories/gong-call.factory.js';
import { READER_TOKEN } from '../support/admin-desk.js';
import { DocumentedHouse } from '../support/documented-house.js';
import { DocumentSchemas, nameOf, type Route } from '../support/openapi-document.js';
import type { RawAnswer } from '../support/raw-http.js';
import { type OddRequest, plainRequest, RAW, requestsTo, shown } from '../support/request-arbitrary.js';
import { waitFor } from '../support/wait-for.js';

/** For each route. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_125);
/** In the default suite a slow machine tries less. */
const MAX_MS = process.env.FUZZ_RUNS === undefined ? 25_000 : 3_600_000;

/** Gong's token holds the address once more. */
const MAX_TARGET = 3_000;
/** What the document says in words only: of two times, and of lists in a text. */
const FURTHER_RULES = /since must be before|takes a comma list of|must be an id of this stream|of ISO 8601/;

describe('odd and hostile requests to every route', () => {
  let house: DocumentedHouse;
  let schemas: DocumentSchemas;
  let ids: Record<string, string[]>;
  let from = 0;

  beforeAll(async () => {
    house = await DocumentedHouse.open();
    schemas = new DocumentSchemas(house.judge.document, false);
    ids = await furnish(house);
  });
  afterAll(() => house.close());

  const knownIds = ({ path }: Route) =>
    Object.entries(ids).find(([start]) => path.startsWith(start))?.[1] ?? [];

  /** Nothing is sent where the head alone is too long: that is answered before there is a route. */
  async function send(route: Route, odd: OddRequest): Promise<RawAnswer | undefined> {
    const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
      encoded(odd.pathValues[name] ?? ''),
    );
    const query = odd.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
    const target = query === '' ? path : `${path}?${query}`;
    if (target.length > MAX_TARGET) return undefined;
    const { body, contentType } = odd;
    const headers = {
      'x-forwarded-for': `10.${(from >> 16) & 255}.${(from >> 8) & 255}.${from & 255}`,
      ...odd.headers,
      ...(body !== undefined && contentType !== undefined && { 'content-type': contentType }),
      ...proofOf(house, route, target, odd),
    };
    from += 1;
    return house.http.send({
      ...{ method: route.method, path: target, headers },
      ...(body !== undefined && { body }),
    });
  }

  /** What is wrong with an answer; undefined where nothing is. */
  function wrongWith(route: Route, odd: OddRequest, answer: RawAnswer): string | undefined {
    const undocumented = house.judge.judge(route, answer);
    if (undocumented !== undefined) return undocumented;
    if (answer.status === 500) return `answered 500 ${answer.body}`;
    const invalid = whyInvalid(route, odd);
    if (invalid !== undefined && answer.status < 400) return `${invalid}, and yet ${answer.status}`;
    const isCalledInvalid =
      answer.status === 400 && answer.body.includes('"REQUEST.INVALID"') && !FURTHER_RULES.test(answer.body);
    return invalid === undefined && isCalledInvalid && isEncoded(odd)
      ? `valid, and yet ${answer.body}`
      : undefined;
  }

  /** Where the request breaks its own description. */
  function whyInvalid(
    { operation, path }: Route,
    { query, body, contentType }: OddRequest,
  ): string | undefined {
    const names = operation.parameters
      .filter((parameter) => parameter.in === 'query')
      .map(({ name }) => name);
    const unknown = query.find(([name]) => !names.includes(name));
    // Routes that read no query do not look at it.
    if (unknown !== undefined && names.length > 0 && path.startsWith('/admin')) {
      return `query ${unknown[0]} is unknown`;
    }
    for (const { name, schema, in: place, required = false } of operation.parameters) {
      const given = query.filter(([key]) => key === name).map(([, value]) => value);
      if (place === 'query' && given.length === 0 && required) return `query ${name} is missing`;
      if (place !== 'query' || given.length === 0) continue;
      if (given.length > 1) return `query ${name} twice`;
      const errors = schemas.errorsOf(schema, wellFormed(given[0] ?? ''));
      if (errors !== undefined) return `query ${name} ${errors}`;
    }
    if (operation.requestBody === undefined) return undefined;
    if (body === undefined || body.length === 0) {
      return operation.requestBody.required ? 'no body' : undefined;
    }
    const media = operation.requestBody.content[(contentType ?? '').split(';')[0]?.trim() ?? ''];
    if (media === undefined) return `a body of type ${contentType}`;
    if (contentType?.startsWith('application/json') !== true) return undefined;
    const errors = schemas.errorsOf(media.schema, parsed(body));
    return errors === undefined ? undefined : `the body ${errors}`;
  }

  it(
    'never get a 500, nor an answer that is not documented, nor through where the document says no',
    async () => {
      const until = Date.now() + MAX_MS;
      const failures: string[] = [];
      let requests = 0;
      for (const [index, route] of house.judge.routes.entries()) {
        const left = house.judge.routes.length - index;
        const property = fc.asyncProperty(requestsTo(route, house.judge.document, knownIds), async (odd) => {
          requests += 1;
          const answer = await send(route, odd);
          if (answer === undefined) return;
          expect(wrongWith(route, odd, answer)).toBeUndefined();
        });
        const timeLimit = Math.max(100, (until - Date.now()) / left);
        const result = await fc.check(property, {
          numRuns: RUNS,
          seed: SEED,
          examples: [[plainRequest(route, house.judge.document, knownIds(route))]],
          interruptAfterTimeLimit: timeLimit,
        });
        const odd = result.counterexample?.[0];
        if (!result.failed || odd === undefined) continue;
        const reason = (result.errorInstance as Error | null)?.message ?? '';
        failures.push(`${shown(route, odd)}\n${reason.slice(0, 600)}`);
      }
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThanOrEqual(house.judge.routes.length);
    },
    MAX_MS + 120_000,
  );

  it('reached further than the guard: every route was tried with success, or found nothing of that id', () => {
    const reached = (route: Route) =>
      // A token is not guessed.
      nameOf(route) === 'POST /admin/session' ||
      [...(house.judge.seen.get(nameOf(route)) ?? [])].some((status) => status < 300 || status === 404);
    expect(house.judge.routes.filter((route) => !reached(route)).map(nameOf)).toEqual([]);
  });

  it('leave a service that works', async () => {
    await house.ask('POST /admin/queues/{name}/resume', { path: { name: 'events' } });
    const call = await house.ask('POST /webhook/gong/calls', { body: gongCall({ seed: 990 }) });
    expect(call.json.status).toBe('accepted');
    expect((await house.ask('GET /health')).status).toBe(200);
    expect(house.gong.service.output).not.toMatch(/unhandled|uncaught/i);
  });
});

/** Something of each kind, whose ids the requests may name. */
async function furnish(house: DocumentedHouse): Promise<Record<string, string[]>> {
  const call = await house.ask<{ eventIds: string[] }>('POST /webhook/gong/calls', {
    body: gongCall({ seed: 1 }),
  });
  await house.ask('POST /webhook/gong/calls', { body: { callData: { odd: 1 } } });
  const items = async (name: string) =>
    (await house.ask<{ items: { id: string }[] }>(name)).json.items.map(({ id }) => id);
  const letters = await waitFor('a dead letter', async () => {
    const found = await items('GET /admin/dead-letters');
    return found.length > 0 && found;
  });
  await house.ask('POST /admin/zoho/channels/defaults');
  const span = { since: '2026-01-01', until: '2026-01-02' };
  const replay = await house.ask<{ id: string }>('POST /admin/replays', {
    body: { vendor: 'zoho', ...span },
  });
  const run = await house.ask<{ run: { id: string } }>('POST /admin/reconciliations', {
    body: { vendor: 'gong', ...span },
  });
  return {
    '/admin/events': call.json.eventIds,
    '/admin/dead-letters': letters,
    '/admin/replays': [replay.json.id],
    '/admin/reconciliations': [run.json.run.id],
    '/admin/zoho/channels': await items('GET /admin/zoho/channels'),
    '/admin/queues': ['events', 'enrichment'],
    '/docs/ui': ['start.js', 'swagger-ui.css'],
  };
}

function proofOf(
  house: DocumentedHouse,
  route: Route,
  target: string,
  { proof, body }: OddRequest,
): Record<string, string> {
  switch (proof) {
    case 'right':
      return house.proof(route, target, body);
    case 'wrong':
      return { authorization: 'Bearer wrong', 'x-zoho-signature': 'wrong' };
    case 'reader':
      return { authorization: `Bearer ${READER_TOKEN}` };
    case 'cookie':
      return { cookie: 'tributary_session=wrong' };
    case 'none':
      return {};
  }
}

/** Whether every part of the path can be read. */
function isEncoded({ pathValues }: OddRequest): boolean {
  return !Object.values(pathValues).some((value) => value.startsWith(RAW));
}

/** Percent-encoded as bytes: a lone surrogate becomes what UTF-8 has in its place. */
function encoded(text: string): string {
  if (text.startsWith(RAW)) return text.slice(RAW.length);
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    // Matches no schema of an object.
    return undefined;
  }
}
