import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that keeps what it is sent, and answers as it is told to. */
export class HttpReceiver {
  readonly requests: ReceivedRequest[] = [];
  private readonly server: Server;

  private constructor(private readonly answerTo: (request: ReceivedRequest) => Answer) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const received = { path: request.url ?? '', headers: request.headers, body };
        this.requests.push(received);
        const { status, headers = {}, body: text = '' } = this.answerTo(received);
        response.writeHead(status, headers).end(text);
      });
    });
  }

  static async start(answerTo: (request: ReceivedRequest) => Answer): Promise<HttpReceiver> {
    const receiver = new HttpReceiver(answerTo);
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
