import {
  type DocumentedAnswer,
  DocumentSchemas,
  nameOf,
  type OpenApi,
  type Route,
  routesOf,
} from './openapi-document.js';
import type { RawAnswer } from './raw-http.js';

/** Says of real answers whether they are as the service's own document has them. */
export class OpenApiJudge {
  readonly routes: readonly Route[];
  /** The statuses that were answered, by route. */
  readonly seen = new Map<string, Set<number>>();
  private readonly schemas: DocumentSchemas;

  private constructor(readonly document: OpenApi) {
    this.routes = routesOf(document);
    this.schemas = new DocumentSchemas(document, true);
  }

  static async of(serviceUrl: string): Promise<OpenApiJudge> {
    return new OpenApiJudge((await (await fetch(`${serviceUrl}/docs-json`)).json()) as OpenApi);
  }

  /** @param name `GET /admin/events/{id}` */
  route(name: string): Route {
    const found = this.routes.find((route) => nameOf(route) === name);
    if (found === undefined) throw new Error(`the document has no ${name}`);
    return found;
  }

  /** What is not as documented; undefined where all is. */
  judge(route: Route, answer: RawAnswer): string | undefined {
    const name = nameOf(route);
    const statuses = this.seen.get(name) ?? new Set<number>();
    this.seen.set(name, statuses.add(answer.status));
    const documented = route.operation.responses[String(answer.status)];
    const wrong =
      documented === undefined
        ? `status ${answer.status} is not documented`
        : (this.headError(documented, answer) ?? this.bodyError(documented, answer));
    return wrong === undefined
      ? undefined
      : `${name}: ${wrong}; answered ${answer.status} ${answer.body.slice(0, 500)}`;
  }

  private headError({ headers }: DocumentedAnswer, answer: RawAnswer): string | undefined {
    for (const [name, { required = false, schema }] of Object.entries(headers)) {
      const value = answer.headers[name];
      if (value === undefined && required) return `the header ${name} is missing`;
      const errors = value === undefined ? undefined : this.schemas.errorsOf(schema, String(value));
      if (errors !== undefined) return `the header ${name}: ${errors}`;
    }
    return undefined;
  }

  private bodyError({ content }: DocumentedAnswer, answer: RawAnswer): string | undefined {
    const type = String(answer.headers['content-type']).split(';')[0]?.trim() ?? '';
    const media = content[type];
    if (media === undefined) return `the content type ${type} is not documented`;
    const body: unknown = type.endsWith('json') ? JSON.parse(answer.body) : answer.body;
    const { correlationId } = body as { correlationId?: unknown };
    if (type === 'application/problem+json' && correlationId !== answer.headers['x-correlation-id']) {
      return 'the correlation ids of head and body differ';
    }
    return this.schemas.errorsOf(media.schema, body);
  }
}
