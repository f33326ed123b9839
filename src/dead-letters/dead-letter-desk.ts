import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  type DeadLetter,
  type DeadLetterDetail,
  type DeadLetterFilter,
  matchesFilter,
} from '../contracts/dead-letter.js';
import type { DeadLetterPage, DeadLetters, ReplayReport } from '../contracts/ports/dead-letters.port.js';
import { type DeadLetterSource, KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';

const CHUNK = 100;

/** All dead letters of the house, whoever keeps them. */
@Injectable()
export class DeadLetterDesk implements DeadLetters, OnModuleInit {
  private sources: ReadonlyMap<string, DeadLetterSource> = new Map();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const found = this.discovery
      .getProviders({ metadataKey: KeepsDeadLetters.KEY })
      .map(({ instance }) => instance as DeadLetterSource);
    this.sources = new Map(found.map((source) => [source.name, source]));
  }

  async page(filter: DeadLetterFilter, limit: number, cursor?: string): Promise<DeadLetterPage> {
    const items: DeadLetter[] = [];
    const last = cursor === undefined ? undefined : placeIn(cursor);
    for await (const letter of this.newestFirst(filter)) {
      if (last !== undefined && compare(placeOf(letter), last) <= 0) continue;
      if (items.length === limit) return { items, nextCursor: cursorOf(items.at(-1)) };
      items.push(letter);
    }
    return { items, nextCursor: null };
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    const { source, localId } = this.resolve(id);
    return source?.find(localId);
  }

  async replay(id: string, by: string): Promise<boolean> {
    const { source, localId } = this.resolve(id);
    return (await source?.replay(localId, by)) ?? false;
  }

  async replayAll(
    filter: DeadLetterFilter,
    limit: number,
    isDryRun: boolean,
    by: string,
  ): Promise<ReplayReport> {
    // Chosen first, replayed afterwards: the list changes as its letters leave it.
    const { items, nextCursor } = await this.page(filter, limit);
    if (isDryRun) {
      return { matched: items.length, hasMore: nextCursor !== null, attempted: 0, succeeded: 0, failed: [] };
    }
    const failed: { id: string; reason: string }[] = [];
    let succeeded = 0;
    for (const { id } of items) {
      try {
        if (await this.replay(id, by)) succeeded += 1;
        else failed.push({ id, reason: 'it was no dead letter any more' });
      } catch (error) {
        failed.push({ id, reason: (error as Error).message });
      }
    }
    return {
      matched: items.length,
      hasMore: nextCursor !== null,
      attempted: items.length,
      succeeded,
      failed,
    };
  }

  async discard(id: string): Promise<boolean> {
    const { source, localId } = this.resolve(id);
    return (await source?.discard(localId)) ?? false;
  }

  /** The letters of all sources that match, by the time of their failure. */
  private async *newestFirst(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    const heads = [...this.sources.values()]
      .filter(({ name }) => filter.source === undefined || filter.source === name)
      .map((source) => matching(source, filter));
    const next = await Promise.all(heads.map((head) => head.next()));
    for (;;) {
      const open = next.flatMap(({ done, value }, index) =>
        done === true ? [] : [{ index, letter: value }],
      );
      const [newest] = open.sort((left, right) => compare(placeOf(left.letter), placeOf(right.letter)));
      if (newest === undefined) return;
      yield newest.letter;
      const head = heads[newest.index];
      if (head !== undefined) next[newest.index] = await head.next();
    }
  }

  private resolve(id: string): { source?: DeadLetterSource; localId: string } {
    const dot = id.indexOf('.');
    const source = this.sources.get(id.slice(0, dot));
    return { ...(source !== undefined && { source }), localId: id.slice(dot + 1) };
  }
}

async function* matching(source: DeadLetterSource, filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
  for (let offset = 0; ; offset += CHUNK) {
    const letters = await source.list(offset, CHUNK);
    for (const letter of letters) if (matchesFilter(letter, filter)) yield letter;
    if (letters.length < CHUNK) return;
  }
}

/** Newest first, and letters of the same millisecond by id. */
type Place = readonly [failedAt: string, id: string];

function placeOf({ failedAt, id }: DeadLetter): Place {
  return [failedAt, id];
}

function compare(left: Place, right: Place): number {
  if (left[0] !== right[0]) return left[0] > right[0] ? -1 : 1;
  return left[1] < right[1] ? -1 : Number(left[1] > right[1]);
}

function cursorOf(letter: DeadLetter | undefined): string | null {
  return letter === undefined ? null : Buffer.from(JSON.stringify(placeOf(letter))).toString('base64url');
}

/** @throws RangeError for what is no cursor of ours. */
function placeIn(cursor: string): Place {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(place) && place.length === 2 && place.every((part) => typeof part === 'string')) {
      return place as unknown as Place;
    }
  } catch (error) {
    throw new RangeError('the cursor is not one of ours', { cause: error });
  }
  throw new RangeError('the cursor is not one of ours');
}
