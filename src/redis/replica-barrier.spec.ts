import { EventEmitter } from 'node:events';
import type { Cluster, Redis } from 'ioredis';
import { ReplicaBarrier } from './replica-barrier.js';
import { ServerConnection } from './server-connection.js';

/** A connection on which `reached` replicas have what was written. */
class Connection extends EventEmitter {
  readonly waits: number[][] = [];
  reached: number | Error = 1;

  constructor(readonly options = { host: '10.0.0.1', port: 6379 }) {
    super();
  }

  wait(...asked: number[]): Promise<number> {
    this.waits.push(asked);
    return this.reached instanceof Error ? Promise.reject(this.reached) : Promise.resolve(this.reached);
  }
}

const asRedis = (connection: Connection) => new ServerConnection(connection as unknown as Redis);
const written = () => Promise.resolve('written');
const UNAVAILABLE = { code: 'INTAKE.UNAVAILABLE', retry: 'backoff' };

describe('an acknowledgement that waits for replicas', () => {
  it('waits for none where none is asked for', async () => {
    const connection = new Connection();
    expect(await new ReplicaBarrier(asRedis(connection), 0).hold(written)).toBe('written');
    expect(connection.waits).toEqual([]);
  });

  it('is given when as many have it as were asked for', async () => {
    const connection = new Connection();
    connection.reached = 2;
    expect(await new ReplicaBarrier(asRedis(connection), 2).hold(written)).toBe('written');
    expect(connection.waits).toEqual([[2, 1_000]]);
  });

  it('is refused when fewer have it', async () => {
    const barrier = new ReplicaBarrier(asRedis(new Connection()), 2);
    await expect(barrier.hold(written)).rejects.toMatchObject({
      ...{ ...UNAVAILABLE, message: '1 of 2 replicas have it' },
    });
  });

  it('is refused where the connection was lost in between: the new one has written nothing', async () => {
    const connection = new Connection();
    const barrier = new ReplicaBarrier(asRedis(connection), 1);
    await expect(barrier.hold(() => Promise.resolve(connection.emit('close')))).rejects.toMatchObject(
      UNAVAILABLE,
    );
    expect(await barrier.hold(written)).toBe('written');
    expect(connection.listenerCount('close')).toBe(1);
  });

  it('is refused with the error of a write that failed, and nobody is asked', async () => {
    const connection = new Connection();
    const refused = new Error('OOM');
    const barrier = new ReplicaBarrier(asRedis(connection), 1);
    await expect(barrier.hold(() => Promise.reject(refused))).rejects.toBe(refused);
    expect(connection.waits).toEqual([]);
  });

  it('shares one WAIT among the writes that end while another is under way', async () => {
    const connection = new Connection();
    const open: (() => void)[] = [];
    connection.wait = (...asked) => {
      connection.waits.push(asked);
      return new Promise((resolve) => open.push(() => resolve(1)));
    };
    const barrier = new ReplicaBarrier(asRedis(connection), 1);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = barrier.hold(written);
    await turn();
    const others = [1, 2, 3].map(() => barrier.hold(written));
    await turn();
    expect(connection.waits).toHaveLength(1);
    open.shift()?.();
    await first;
    await turn();
    expect(connection.waits).toHaveLength(2);
    open.shift()?.();
    expect(await Promise.all(others)).toEqual(['written', 'written', 'written']);
  });

  it('asks again after a WAIT that failed', async () => {
    const connection = new Connection();
    connection.reached = new Error('Command timed out');
    const barrier = new ReplicaBarrier(asRedis(connection), 1);
    await expect(barrier.hold(written)).rejects.toBe(connection.reached);
    connection.reached = 1;
    expect(await barrier.hold(written)).toBe('written');
  });
});

describe('an acknowledgement in a cluster', () => {
  const here = new Connection();
  const there = new Connection({ host: '10.0.0.2', port: 6379 });
  const clusterOf = (owner: string | undefined, nodes = [here, there]) => {
    const slots: Record<number, string[]> = { 7: owner === undefined ? [] : [owner] };
    const cluster = { slots, nodes: () => nodes, cluster: () => Promise.resolve('7') };
    return { slots, barrier: new ReplicaBarrier(new ServerConnection(cluster as unknown as Cluster), 1) };
  };

  it('is asked of the node that has our keys', async () => {
    await clusterOf('10.0.0.2:6379').barrier.hold(written);
    expect([here.waits.length, there.waits.length]).toEqual([0, 1]);
  });

  it.each([
    ['nobody has them', clusterOf(undefined)],
    ['a node has them that is not known yet', clusterOf('10.0.0.3:6379')],
  ])('is refused while %s, before anything is written', async (_what, { barrier }) => {
    const write = jest.fn(written);
    await expect(barrier.hold(write)).rejects.toMatchObject(UNAVAILABLE);
    expect(write).not.toHaveBeenCalled();
  });

  it('is refused where the keys went to another node meanwhile', async () => {
    const { slots, barrier } = clusterOf('10.0.0.1:6379');
    const write = () => {
      slots[7] = ['10.0.0.2:6379'];
      return written();
    };
    await expect(barrier.hold(write)).rejects.toMatchObject(UNAVAILABLE);
  });
});
