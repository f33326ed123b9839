import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/**
 * An address that can be made to lead elsewhere, as the ones of managed databases do in a fail-over. New
 * connections go to the target of the moment; those that exist stay where they are.
 */
export class TcpSwitch {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private target = 0;

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  static async create(): Promise<TcpSwitch> {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    return new TcpSwitch(port, server);
  }

  /** From now on new connections go to this port. */
  leadTo(port: number): void {
    this.target = port;
  }

  /** The hosts behind existing connections vanish: nothing comes any more, and nothing is closed. */
  silence(): void {
    for (const [client, target] of this.pairs) {
      client.unpipe(target);
      target.unpipe(client);
      // Read and dropped, as the network does.
      client.resume();
      target.resume();
    }
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private join(client: Socket): void {
    const target = connect(this.target, '127.0.0.1');
    const pair = [client, target] as const;
    this.pairs.add(pair);
    client.pipe(target);
    target.pipe(client);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  }
}
