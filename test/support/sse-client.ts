import { get, type ClientRequest, type IncomingMessage } from 'node:http';

export interface SseEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** A client of server-sent events after the HTML standard, as far as the tests need it; it can stop reading. */
export class SseClient {
  readonly events: SseEvent[] = [];
  comments = 0;
  status = 0;
  headers: IncomingMessage['headers'] = {};
  isClosed = false;
  lastEventId: string;
  private buffer = '';
  private request?: ClientRequest;
  private response?: IncomingMessage;

  constructor(
    private readonly url: string,
    private readonly options: { headers?: Record<string, string>; lastEventId?: string } = {},
  ) {
    this.lastEventId = options.lastEventId ?? '';
  }

  /** Returns when the answer has begun. */
  connect(): Promise<this> {
    const headers = {
      ...this.options.headers,
      ...(this.lastEventId !== '' && { 'last-event-id': this.lastEventId }),
    };
    return new Promise((resolve, reject) => {
      this.request = get(this.url, { headers, agent: false }, (response) => {
        this.response = response;
        this.status = response.statusCode ?? 0;
        this.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', (text: string) => this.take(text));
        response.on('close', () => (this.isClosed = true));
        response.on('error', () => (this.isClosed = true));
        resolve(this);
      });
      this.request.on('error', (error) => {
        this.isClosed = true;
        reject(error);
      });
    });
  }

  /** The data of the messages, read as JSON. */
  get messages(): Record<string, unknown>[] {
    return this.events
      .filter(({ event }) => event === 'message')
      .map(({ data }) => JSON.parse(data) as Record<string, unknown>);
  }

  /** Stops reading, so that the server's buffers fill. */
  pause(): void {
    this.response?.pause();
  }

  close(): void {
    this.request?.destroy();
  }

  private take(text: string): void {
    this.buffer += text;
    const blocks = this.buffer.split('\n\n');
    this.buffer = blocks.pop() ?? '';
    for (const block of blocks) this.dispatch(block);
  }

  private dispatch(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments += 1;
      else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart());
    }
    const id = fields.get('id');
    if (id !== undefined) this.lastEventId = id;
    const data = fields.get('data');
    if (data === undefined) return;
    this.events.push({ event: fields.get('event') ?? 'message', id: this.lastEventId, data });
  }
}
