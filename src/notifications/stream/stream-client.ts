import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AnyChannelName } from '../../contracts/notification.js';
import type { LogEntry, NotificationLog } from './notification-log.js';
import { encodePositions, isAfter, START } from './stream-positions.js';
import type { StreamQuery } from './stream-query.js';

/** How much one agent may cost. */
export interface StreamLimits {
  readonly heartbeatMs: number;
  /** Bytes that wait for an agent to read them, beyond which it is cut off; it resumes where it was. */
  readonly maxWaitingBytes: number;
  /** How long a page of old messages may wait for the agent to read. */
  readonly maxPauseMs: number;
}

const PAGE = 100;
/** Browsers and libraries come back after this time. */
const RECONNECT_MS = 2_000;

/**
 * One agent that listens. It first gets what it missed, page by page as fast as it reads, then what the feed
 * tells. What the feed told meanwhile is not kept but read again, so that its memory stays bounded; an id
 * that was sent is never sent again, so that nothing comes twice.
 */
export class StreamClient {
  private readonly positions = new Map<AnyChannelName, string>();
  /** The newest message of each channel that the feed told while old ones were being sent. */
  private readonly missed = new Map<AnyChannelName, string>();
  private isLive = false;
  private sentPositions = '';
  private heartbeat?: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    private readonly query: StreamQuery,
    private readonly log: NotificationLog,
    private readonly limits: StreamLimits,
    private readonly onDrop: () => void,
  ) {
    response.on('close', () => clearInterval(this.heartbeat));
  }

  /** What the feed tells; called in the order of each channel. */
  hear(entry: LogEntry): void {
    const position = this.positions.get(entry.channel);
    if (!this.isLive) this.missed.set(entry.channel, entry.id);
    else if (position !== undefined && isAfter(entry.id, position)) this.tell(entry);
  }

  /** Sends what was missed, then goes live. The feed must have been joined before. */
  async start(): Promise<void> {
    const now = await this.log.ends(this.query.channels);
    for (const channel of this.query.channels) {
      this.positions.set(channel, this.query.resumeFrom.get(channel) ?? now.get(channel) ?? START);
    }
    this.write(`retry: ${RECONNECT_MS}\n\n`);
    this.sendPositions();
    for (const channel of this.query.resumeFrom.keys()) await this.tellOfGap(channel);
    do {
      for (const channel of this.query.channels) await this.catchUp(channel);
    } while (!this.isClosed && this.isBehind());
    this.isLive = true;
    this.sendPositions();
    this.heartbeat = setInterval(() => this.beat(), this.limits.heartbeatMs);
    if (this.isClosed) clearInterval(this.heartbeat);
  }

  /** Ends the answer in good order. */
  close(): void {
    this.response.end();
  }

  private get isClosed(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  private isBehind(): boolean {
    return [...this.missed].some(([channel, id]) => {
      const position = this.positions.get(channel);
      return position !== undefined && isAfter(id, position);
    });
  }

  /** Messages that are kept no longer cannot be sent: it says so, where they may have been missed. */
  private async tellOfGap(channel: AnyChannelName): Promise<void> {
    const position = this.positions.get(channel);
    if (position === undefined || position === START) return;
    const oldestKept = await this.log.oldest(channel);
    if (oldestKept === undefined || !isAfter(oldestKept, position)) return;
    this.write(`event: gap\ndata: ${JSON.stringify({ channel, after: position, oldestKept })}\n\n`);
  }

  private async catchUp(channel: AnyChannelName): Promise<void> {
    while (!this.isClosed) {
      const page = await this.log.after(channel, this.positions.get(channel) ?? START, PAGE);
      if (page.length === 0) return;
      for (const entry of page) this.tell(entry);
      await this.untilRead();
    }
  }

  private tell({ channel, id, message, priority }: LogEntry): void {
    this.positions.set(channel, id);
    const { priorities } = this.query;
    if (priorities.length > 0 && !priorities.includes(priority)) return;
    this.sentPositions = encodePositions(this.positions);
    this.write(`id: ${this.sentPositions}\ndata: ${message}\n\n`);
  }

  /** An id without data sets where to resume, also past messages that were filtered out. */
  private sendPositions(): void {
    const positions = encodePositions(this.positions);
    if (positions === this.sentPositions) return;
    this.sentPositions = positions;
    this.write(`id: ${positions}\n\n`);
  }

  private beat(): void {
    this.sendPositions();
    this.write(': heartbeat\n\n');
  }

  private write(text: string): void {
    if (this.isClosed) return;
    this.response.write(text);
    // While old messages are sent, a page may wait: its reader is waited for.
    if (this.isLive && this.response.writableLength > this.limits.maxWaitingBytes) this.drop();
  }

  private async untilRead(): Promise<void> {
    if (!this.response.writableNeedDrain || this.isClosed) return;
    const waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(this.limits.maxPauseMs)]);
    try {
      const events = ['drain', 'close'].map((event) => once(this.response, event, { signal }));
      await Promise.race(events);
    } catch {
      // Nothing was read for so long.
      this.drop();
    } finally {
      waiting.abort();
    }
  }

  private drop(): void {
    this.onDrop();
    this.response.destroy();
  }
}
