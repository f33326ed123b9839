import { EventEmitter } from 'node:events';
import type { AppConfig } from '../config/app-config.js';
import type { RedisConnections } from './redis-connections.js';
import { WorkGuard } from './work-guard.js';

/** A connection to the server `server`, on which one replica has everything. */
class Connection extends EventEmitter {
  server = 'old';
  replicas = 1;
  refusal: Error | undefined;
  asked = 0;
  readonly status = 'ready';
  readonly disconnect = jest.fn();

  info(): Promise<string> {
    this.asked += 1;
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    return Promise.resolve(`# Server\r\nredis_version:8.0.0\r\nrun_id:${this.server}\r\n`);
  }

  wait(): Promise<number> {
    return Promise.resolve(this.replicas);
  }

  /** The connection is lost, and the next one leads there. */
  leadTo(server: string): void {
    this.server = server;
    this.emit('close');
  }
}

function guarded(replicas = 0) {
  const connections = { client: new Connection(), producers: new Connection(), workers: new Connection() };
  const config = { WEBHOOK_ACK_REPLICAS: replicas } as AppConfig;
  return { ...connections, guard: new WorkGuard(connections as unknown as RedisConnections, config) };
}

const unsure = (message: string) => ({ code: 'REDIS.WRITES_UNSURE', message, retry: { afterMs: 1_000 } });

describe('work whose writes must be where its end is', () => {
  it('ends where all connections have led to one server all the time, which is asked for its name once', async () => {
    const { guard, client } = guarded();
    const work = await guard.begin();
    await work.settled();
    await work.settled();
    expect(client.asked).toBe(1);
  });

  it.each(['client', 'producers', 'workers'] as const)(
    'does not end when its %s went elsewhere',
    async (which) => {
      const { guard, ...connections } = guarded();
      const work = await guard.begin();
      connections[which].leadTo('new');
      await expect(work.settled()).rejects.toMatchObject(unsure('a connection was replaced'));
      // It stays unsure of this work, and the next does not begin while there are two servers.
      await expect(work.settled()).rejects.toMatchObject(unsure('a connection was replaced'));
      await expect(guard.begin()).rejects.toMatchObject(unsure('the connections lead to two servers'));
      for (const connection of Object.values(connections)) connection.leadTo('new');
      await (await guard.begin()).settled();
    },
  );

  it('does not end after a new connection to the same server: what was under way may not have arrived', async () => {
    const { guard, client } = guarded();
    const work = await guard.begin();
    client.leadTo('old');
    await expect(work.settled()).rejects.toMatchObject(unsure('a connection was replaced'));
  });

  it('compares only the connections where a server does not say who it is', async () => {
    const { guard, ...connections } = guarded();
    for (const connection of Object.values(connections)) {
      connection.refusal = new Error("NOPERM User app has no permissions to run the 'info' command");
    }
    await (await guard.begin()).settled();
  });

  it('does not begin while a server cannot be asked', async () => {
    const { guard, client } = guarded();
    client.refusal = new Error('Connection is closed.');
    await expect(guard.begin()).rejects.toMatchObject(unsure('Connection is closed.'));
    client.refusal = undefined;
    await (await guard.begin()).settled();
  });

  it('neither begins nor ends while replicas are missing that are asked for', async () => {
    const { guard, producers } = guarded(1);
    const work = await guard.begin();
    producers.replicas = 0;
    await expect(work.settled()).rejects.toMatchObject(unsure('0 of 1 replicas have it'));
    await expect(guard.begin()).rejects.toMatchObject(unsure('0 of 1 replicas have it'));
    producers.replicas = 1;
    await work.settled();
  });
});
