import { LoadConnection } from './load-connection.js';
import type { LoadOrder, LoadReport } from './load-protocol.js';
import { signedRequests } from './signed-requests.js';

/** A run may end this much later than planned: a server that answers no more must not stop the benchmark. */
const PATIENCE_MS = 10_000;

/** One slice of load: a closed loop on every connection, or an open loop at a fixed rate. */
class Slice {
  private readonly latencies: number[] = [];
  private readonly overdue: number[] = [];
  private sent = 0;
  private failed = 0;
  private firstFailure?: string;
  private lastUsed?: LoadConnection;
  private inFlight = 0;
  private startedAt = 0;
  private endedAt = 0;
  private isOver = false;

  constructor(
    private readonly order: LoadOrder,
    private readonly requests: readonly Buffer[],
    private readonly connections: readonly LoadConnection[],
  ) {}

  async run(): Promise<LoadReport> {
    this.startedAt = performance.now();
    if (this.order.rate > 0) await this.openLoop();
    else for (const connection of this.connections) this.keepBusy(connection);
    await this.drained();
    const elapsedMs = (this.endedAt || performance.now()) - this.startedAt;
    const sorted = Float64Array.from(this.latencies).sort();
    return {
      answered: sorted.length,
      failed: this.failed + this.inFlight,
      elapsedMs,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
      ...(this.firstFailure !== undefined && { firstFailure: this.firstFailure }),
    };
  }

  private keepBusy(connection: LoadConnection): void {
    const now = performance.now();
    if (now - this.startedAt >= this.order.milliseconds) this.isOver = true;
    const request = this.isOver ? undefined : this.next();
    if (request !== undefined) this.send(connection, request, now, () => this.keepBusy(connection));
  }

  /**
   * Each due request goes to an idle connection, in turn, or waits for one; its time counts from when it was due. One
   * that is left alone for ten seconds is ended by the server.
   */
  private async openLoop(): Promise<void> {
    const { rate, milliseconds } = this.order;
    let due = 0;
    for (let now = 0; now < milliseconds; now = performance.now() - this.startedAt) {
      for (; due < (now * rate) / 1000; due += 1) this.overdue.push(this.startedAt + (due * 1000) / rate);
      for (const connection of this.inTurn()) if (!connection.isBusy) this.sendOverdue(connection);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.isOver = true;
  }

  /** All of them, beginning behind the one that sent last. */
  private inTurn(): readonly LoadConnection[] {
    const { connections, lastUsed } = this;
    const from = lastUsed === undefined ? 0 : connections.indexOf(lastUsed) + 1;
    return [...connections.slice(from), ...connections.slice(0, from)];
  }

  private sendOverdue(connection: LoadConnection): void {
    const dueAt = this.overdue.shift();
    const request = dueAt === undefined ? undefined : this.next();
    if (dueAt === undefined || request === undefined) return;
    this.send(connection, request, dueAt, () => this.sendOverdue(connection));
  }

  private next(): Buffer | undefined {
    const index = this.order.mayRepeat ? this.sent % this.requests.length : this.sent;
    this.sent += 1;
    return this.requests[index];
  }

  private send(connection: LoadConnection, request: Buffer, since: number, then: () => void): void {
    this.inFlight += 1;
    this.lastUsed = connection;
    connection.send(request, (status) => {
      const now = performance.now();
      this.inFlight -= 1;
      this.endedAt = now;
      if (status === 200) this.latencies.push(now - since);
      else this.fail(status);
      if (status !== 0) then();
    });
  }

  private fail(status: number): void {
    this.failed += 1;
    this.firstFailure ??= status === 0 ? 'the connection broke' : `status ${status}`;
  }

  private async drained(): Promise<void> {
    const deadline = this.startedAt + this.order.milliseconds + PATIENCE_MS;
    do await new Promise((resolve) => setTimeout(resolve, 5));
    while (this.inFlight + this.overdue.length > 0 && performance.now() < deadline);
  }
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function obey(order: LoadOrder): Promise<LoadReport> {
  const requests = signedRequests(order, order.prepared);
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => LoadConnection.open(order.port)),
  );
  try {
    // What signing has left behind must not be collected while others are measured.
    global.gc?.();
    return await new Slice(order, requests, connections).run();
  } finally {
    for (const connection of connections) connection.close();
  }
}

process.on('message', (order: LoadOrder) => {
  obey(order).then(
    (report) => process.send?.(report),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
});
