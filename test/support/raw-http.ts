import { Agent, request } from 'node:http';

export interface RawRequest {
  readonly method: string;
  /** As it goes over the wire, whatever it holds; not normalised. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** Sends requests that `fetch` would mend or refuse; of an answer that does not end it reads the beginning. */
export class RawHttp {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(private readonly port: number) {}

  send({ method, path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port: this.port, agent: this.agent, method, path },
          headers: { ...headers, ...length },
          timeout: ANSWER_TIMEOUT_MS,
        },
        (response) => {
          const { statusCode: status = 0, headers: head } = response;
          const chunks: Buffer[] = [];
          const done = () => resolve({ status, headers: head, body: Buffer.concat(chunks).toString() });
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if (!(head['content-type'] ?? '').startsWith('text/event-stream')) return;
            done();
            sent.destroy();
          });
          response.on('end', done);
          response.on('error', reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer in time: ${method} ${path}`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
