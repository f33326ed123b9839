import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import {
  DocumentSchemas,
  type Media,
  nameOf,
  type OpenApi,
  routesOf,
} from '../../support/openapi-document.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { withServedApp } from '../../support/served-routes.js';

describe('the OpenAPI document', () => {
  let redis: TestRedis;
  let dataDir: string;
  let document: OpenApi;
  let served: readonly string[];

  beforeAll(async () => {
    redis = await startRedis();
    dataDir = mkdtempSync(join(tmpdir(), 'tributary-test-openapi-'));
    const environment = { REDIS_URL: redis.url, DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
    await withServedApp(environment, async (app) => {
      served = app.routes;
      document = JSON.parse((await app.get('/docs-json')).body) as OpenApi;
    });
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('has every route that is served: describe a missing one in the `*.openapi.ts` beside its controller', () => {
    const documented = routesOf(document).map(nameOf);
    expect({ undocumented: served.filter((route) => !documented.includes(route)) }).toEqual({
      undocumented: [],
    });
  });

  it('has no route that is not served', () => {
    const documented = routesOf(document).map(nameOf);
    expect({ notServed: documented.filter((route) => !served.includes(route)) }).toEqual({ notServed: [] });
    expect(documented).toEqual(expect.arrayContaining(['POST /webhook/gong/calls', 'GET /metrics']));
  });

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document as unknown as Record<string, unknown>);
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('has schemas that compile, without a reference to nothing, and examples that match them', () => {
    const schemas = new DocumentSchemas(document, true);
    const media = routesOf(document).flatMap((route) => {
      const { requestBody, responses, parameters } = route.operation;
      const contents = [requestBody, ...Object.values(responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      const all: Media[] = [...contents, ...parameters];
      return all.map(({ schema, examples = {} }) => ({ route: nameOf(route), schema, examples }));
    });
    const wrong = media.flatMap(({ route, schema, examples }) => {
      schemas.compile(schema);
      return Object.entries(examples).flatMap(([name, { value }]) => {
        const errors = schemas.errorsOf(schema, value);
        return errors === undefined ? [] : [{ route, name, errors }];
      });
    });
    expect(wrong).toEqual([]);
    expect(media.filter(({ examples }) => Object.keys(examples).length > 0).length).toBeGreaterThan(40);
  });

  it('says what each parameter means, and names each operation once', () => {
    const parameters = routesOf(document).flatMap((route) =>
      route.operation.parameters.map(({ name, description }) => [nameOf(route), name, description] as const),
    );
    expect(parameters.filter(([, , description]) => description === '')).toEqual([]);
    const ids = routesOf(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
