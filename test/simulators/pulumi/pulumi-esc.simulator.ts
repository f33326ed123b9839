import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PulumiEscOptions {
  readonly token: string;
  /** `org/project/env`. */
  readonly environment: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Answers nothing, as a host that hangs. */
  readonly isSilent?: boolean;
  /** Answers this instead of the values. */
  readonly answer?: string;
}

/**
 * The part of Pulumi Cloud that opens an ESC environment: `POST /api/esc/environments/{org}/{project}/{env}/open`
 * answers an id, `GET .../open/{id}` the values, each as `{value, trace}`, with `Authorization: token ...`
 * (the wire of @pulumi/esc-sdk 0.12.4; its raw client was run against a stub of the same form).
 */
export class PulumiEscSimulator {
  readonly requests: string[] = [];

  private constructor(
    private readonly options: PulumiEscOptions,
    private readonly server: Server,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async start(options: PulumiEscOptions): Promise<PulumiEscSimulator> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new PulumiEscSimulator(options, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const { token, environment, variables, isSilent, answer } = this.options;
    if (isSilent) return;
    const path = `/api/esc/environments/${environment}/open`;
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `token ${token}`) {
      json(401, { code: 401, message: 'Unauthorized' });
    } else if (request.method === 'POST' && request.url === path) {
      json(200, { id: 'session-1', diagnostics: [] });
    } else if (request.method === 'GET' && request.url === `${path}/session-1`) {
      if (answer !== undefined) response.end(answer);
      else json(200, { properties: { environmentVariables: valueOf(variables) } });
    } else {
      json(404, { code: 404, message: 'Not Found' });
    }
  }
}

function valueOf(variables: Readonly<Record<string, string>>): unknown {
  const trace = { def: { environment: 'env' } };
  const values = Object.entries(variables).map(([name, value]) => [name, { value, secret: true, trace }]);
  return { value: Object.fromEntries(values) as unknown, trace };
}
