import { Injectable } from '@nestjs/common';
import type { ApiDoc } from './documented.decorator.js';
import { operationOf } from './operation.js';
import { PROBLEM_SCHEMA } from './problem-answers.js';
import { type FoundController, RouteFinder } from './route-finder.js';
import type { Schema } from './schema.js';
import { SECURITY_SCHEMES } from './security-schemes.js';

const DESCRIPTION = `Signed webhooks of Gong and Zoho CRM come in; operators and agents ask what became of them.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\` and the \`correlationId\` of the request, which
every answer has in \`x-correlation-id\`. What is no HTTP, comes too slowly or has a head of more than 16 KB is answered
400, 408 or 431 so, before there is a route. Fields may be added to answers any time.

To try routes here, [sign in](/admin/sign-in) with an admin token first: the session of your browser is used. The
messages that agents hear have a [JSON Schema](/docs/messages) of their own.`;

interface Part {
  readonly path: string;
  readonly method: string;
  readonly operation: object;
}

/** The OpenAPI document of this process: what its role serves, made when it is first asked for. */
@Injectable()
export class OpenApiDocument {
  private bytes?: Buffer;

  constructor(private readonly finder: RouteFinder) {}

  /** The document as JSON. */
  json(): Buffer {
    this.bytes ??= Buffer.from(JSON.stringify(documentOf(this.finder.all())));
    return this.bytes;
  }
}

function documentOf(controllers: readonly FoundController[]): object {
  const documented = controllers.flatMap(({ api, routes }) => (api === undefined ? [] : [{ api, routes }]));
  const parts = documented.flatMap(({ api, routes }) =>
    routes.flatMap((route): Part[] => {
      const doc = api.routes[route.handler];
      if (doc === undefined) return [];
      const { path, method } = route;
      return [{ path, method: method.toLowerCase(), operation: operationOf(route, api, doc) }];
    }),
  );
  const tags = new Map(documented.map(({ api }) => [api.tag.name, api.tag]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tributary',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...tags.values()],
    paths: pathsOf(parts),
    components: { schemas: schemasOf(documented), securitySchemes: SECURITY_SCHEMES },
  };
}

/** @throws where two parts give one name to two things: one of them would be described wrongly. */
function schemasOf(documented: readonly { readonly api: ApiDoc }[]): Record<string, Schema> {
  const schemas: Record<string, Schema> = { Problem: PROBLEM_SCHEMA };
  for (const [name, schema] of documented.flatMap(({ api }) => Object.entries(api.schemas ?? {}))) {
    if (name in schemas) throw new Error(`two schemas are called ${name} in the OpenAPI document`);
    schemas[name] = schema;
  }
  return schemas;
}

function pathsOf(parts: readonly Part[]): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const { path, method, operation } of parts) {
    (paths[path] ??= {})[method] = operation;
  }
  return paths;
}
