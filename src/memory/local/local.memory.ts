import { Injectable } from '@nestjs/common';
import type { HealthReport } from '../../contracts/ports/health-check.port.js';
import type {
  AccountDocument,
  Memory,
  MemoryStats,
  Recollection,
  RememberedDocument,
} from '../../contracts/ports/memory.port.js';
import type { MemoryProbe } from '../memory-probe.js';
import { type Candidate, rankPassages } from '../text/passage-ranking.js';
import { questionTermsOf } from '../text/words.js';
import type { FoundDocument } from './document-index.js';
import { DocumentStore } from './document.store.js';
import { IndexKeeper } from './index-keeper.js';

/** Documents that are looked into for passages: at least so many, and more when many answers are wanted. */
const LEAST_CANDIDATES = 50;
const CANDIDATES_PER_ANSWER = 2;

/**
 * Account memory without any service: documents in Redis, found by words (BM25, stems, groups of words of
 * one meaning) and answered by the passage that matched. Answers are always read from Redis, so a stale
 * index can rank badly for a moment but never show what is no longer there.
 */
@Injectable()
export class LocalMemory implements Memory, MemoryProbe {
  constructor(
    private readonly store: DocumentStore,
    private readonly index: IndexKeeper,
  ) {}

  async remember(document: AccountDocument): Promise<'stored' | 'unchanged'> {
    return (await this.store.put(document)) ? 'stored' : 'unchanged';
  }

  async replace(document: AccountDocument): Promise<void> {
    await this.store.put(document);
  }

  async forget(accountId: string): Promise<void> {
    await this.store.remove(accountId);
  }

  async recall(query: string, limit: number): Promise<Recollection[]> {
    const index = await this.index.current();
    const candidates = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_ANSWER * limit);
    const { found, weights } = index.search(questionTermsOf(query), candidates);
    const ranked = rankPassages(await this.read(found), weights, limit);
    return ranked.map(({ candidate: { accountId, accountName }, text, score }) => {
      return { accountId, accountName, text, score };
    });
  }

  async find(accountId: string): Promise<RememberedDocument | undefined> {
    const [[document], changedAtMs] = await Promise.all([
      this.store.read([accountId]),
      this.store.changedAtMs(accountId),
    ]);
    if (!document) return undefined;
    const rememberedAt = changedAtMs === null ? null : new Date(changedAtMs).toISOString();
    return { ...document, rememberedAt, isRecallable: true };
  }

  accountIds(): Promise<string[]> {
    return this.store.accountIds();
  }

  stats(): Promise<MemoryStats> {
    return this.store.stats();
  }

  async probe(): Promise<HealthReport> {
    const { documents } = await this.store.stats();
    return { status: 'up', details: { memory: 'local', documents } };
  }

  private async read(found: readonly FoundDocument[]): Promise<Candidate[]> {
    const documents = await this.store.read(found.map(({ accountId }) => accountId));
    return documents.flatMap((document, place) => {
      return document === null ? [] : [{ ...document, score: found[place]?.score ?? 0 }];
    });
  }
}
