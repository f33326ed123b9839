import { DiscoveryService } from '@nestjs/core';
import type { DeadLetter, DeadLetterDetail } from '../dead-letter.js';

/** One place in which what cannot be mended by retrying is kept until an operator decides. */
export interface DeadLetterSource {
  /** First part of its dead letters' ids: letters, digits and `-`. */
  readonly name: string;
  /**
   * Newest first.
   * @param offset how many of the newest to leave out.
   */
  list(offset: number, limit: number): Promise<DeadLetter[]>;
  /** @param id within this source. */
  find(id: string): Promise<DeadLetterDetail | undefined>;
  /**
   * Has it run again, with all its attempts. Safe to repeat: what runs again already is left alone.
   * @returns whether there was something to replay.
   */
  replay(id: string, by: string): Promise<boolean>;
  /** Removes it for good. @returns whether it was there. */
  discard(id: string): Promise<boolean>;
}

/** Marks a provider as a source of dead letters; the desk finds it by this. */
export const KeepsDeadLetters = DiscoveryService.createDecorator();
