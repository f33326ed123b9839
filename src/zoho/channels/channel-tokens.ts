import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../contracts/errors.js';
import { equalInConstantTime } from '../../contracts/secret-compare.js';
import { tokenHash, ZohoChannelRegistry } from './zoho-channel.registry.js';

interface KnownToken {
  readonly id: string;
  readonly channelAndHash: string;
  readonly acceptedUntil: number;
}

/** Registered tokens are read anew at least so often: what was removed stops being accepted. */
const MOST_AGE_MS = 30_000;
/** Unknown tokens make the registry be read at most so often, however many come. */
const READ_PAUSE_MS = 250;

/**
 * The tokens of the registry, in memory: a notification costs no question to Redis. One that is not known waits for
 * the next reading before it is refused, because another process may just have made it; all that wait share that
 * reading, so that a flood of forgeries makes four readings a second and no authentic notification is refused.
 */
@Injectable()
export class ChannelTokens {
  private known: readonly KnownToken[] = [];
  private readAt = -Infinity;
  private knownAt = -Infinity;
  private reading?: Promise<void>;

  constructor(private readonly registry: ZohoChannelRegistry) {}

  /**
   * @returns the fingerprint of the token, or undefined for one that is not of this channel.
   * @throws AppError `INTAKE.UNAVAILABLE` where it is not known and Redis cannot be asked.
   */
  async idOf(channelId: string, token: string): Promise<string | undefined> {
    if (performance.now() - this.readAt < MOST_AGE_MS) {
      const id = this.find(channelId, token);
      if (id !== undefined) return id;
    }
    await this.nextReading();
    return this.find(channelId, token);
  }

  private find(channelId: string, token: string): string | undefined {
    const given = `${channelId}:${tokenHash(token)}`;
    const now = Date.now();
    return this.known.find(
      ({ channelAndHash, acceptedUntil }) =>
        acceptedUntil > now && equalInConstantTime(channelAndHash, given),
    )?.id;
  }

  /** One that begins after this call. */
  private nextReading(): Promise<void> {
    this.reading ??= this.read();
    return this.reading;
  }

  private async read(): Promise<void> {
    const waitMs = this.readAt + READ_PAUSE_MS - performance.now();
    await pause(Math.max(0, waitMs));
    // Whoever comes from now on may ask for something newer than what is read here.
    this.reading = undefined;
    const startedAt = performance.now();
    this.readAt = startedAt;
    const channels = await this.registry.all().catch((cause: unknown) => {
      throw new AppError('INTAKE.UNAVAILABLE', 'the channels cannot be read', 'backoff', { cause });
    });
    // A slow answer must not undo a newer one.
    if (startedAt < this.knownAt) return;
    this.knownAt = startedAt;
    // Those of channels that were switched off too: notifications may be on their way.
    this.known = channels.flatMap(({ id: channelId, tokens }) =>
      tokens.map(({ id, sha256, acceptedUntil }) => ({
        id,
        channelAndHash: `${channelId}:${sha256}`,
        acceptedUntil: acceptedUntil ?? Infinity,
      })),
    );
  }
}
