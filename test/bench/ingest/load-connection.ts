import { connect, type Socket } from 'node:net';

/** One keep-alive connection with one request at a time: a raw socket, because clients cost more than servers here. */
export class LoadConnection {
  private readonly socket: Socket;
  private received = '';
  private settle?: (status: number) => void;
  isBusy = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.read(text));
    // What was under way has failed; status 0 says so.
    socket.on('error', () => this.finish(0));
    socket.on('close', () => this.finish(0));
  }

  static open(port: number): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new LoadConnection(socket));
      });
    });
  }

  /** Sends a whole request; `answered` gets the status, 0 when the connection broke. */
  send(request: Buffer, answered: (status: number) => void): void {
    this.isBusy = true;
    this.settle = answered;
    if (this.socket.destroyed) this.finish(0);
    else this.socket.write(request);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(text: string): void {
    this.received += text;
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.received)?.[1];
    if (length !== undefined && this.received.length < headEnd + 4 + Number(length)) return;
    const status = Number(this.received.slice(9, 12));
    this.received = '';
    this.finish(status);
  }

  private finish(status: number): void {
    const { settle } = this;
    this.isBusy = false;
    this.settle = undefined;
    settle?.(status);
  }
}
