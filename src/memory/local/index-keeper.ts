import { Injectable } from '@nestjs/common';
import type { AccountDocument } from '../../contracts/ports/memory.port.js';
import { termsOf } from '../text/words.js';
import { DocumentIndex } from './document-index.js';
import { DocumentStore } from './document.store.js';

/** Documents taken in at one go: some milliseconds, after which webhooks have their turn. */
const DOCUMENTS_PER_TURN = 25;

/**
 * Keeps this process's index level with the documents in Redis, which any process may change. The first
 * use reads them all; later uses read what changed since.
 */
@Injectable()
export class IndexKeeper {
  private readonly index = new DocumentIndex();
  private seenVersion = 0;
  private running?: Promise<void>;
  private next?: Promise<void>;

  constructor(private readonly store: DocumentStore) {}

  /** The index with all that was stored before this call. */
  async current(): Promise<DocumentIndex> {
    await this.refresh();
    return this.index;
  }

  /** A run that is under way may have read too early for this caller: it takes part in the next one. */
  private refresh(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.running ?? this.begin();
      });
    return this.next;
  }

  private begin(): Promise<void> {
    const run = this.catchUp().finally(() => {
      if (this.running === run) this.running = undefined;
    });
    this.running = run;
    return run;
  }

  private async catchUp(): Promise<void> {
    for (;;) {
      const changes = await this.store.changesAfter(this.seenVersion, DOCUMENTS_PER_TURN);
      const last = changes.at(-1);
      if (last === undefined) return;
      const documents = await this.store.read(changes.map(({ accountId }) => accountId));
      changes.forEach(({ accountId }, place) => this.take(accountId, documents[place] ?? null));
      this.seenVersion = last.version;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private take(accountId: string, document: AccountDocument | null): void {
    if (document === null) this.index.remove(accountId);
    else this.index.put(accountId, indexedTermsOf(document));
  }
}

function indexedTermsOf({ accountName, labels, text }: AccountDocument): string[] {
  return termsOf([accountName, ...labels, text].join('\n'));
}
