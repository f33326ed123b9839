import { Inject, Injectable } from '@nestjs/common';
import { ACCOUNT_SYNC_QUEUE } from '../contracts/jobs.js';
import { type AccountDocument, Memory } from '../contracts/ports/memory.port.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../contracts/ports/person-eraser.port.js';
import { QueueJobs } from '../redis/queue-jobs.js';
import { AccountSignals } from './account-signals.js';
import { AccountSyncState } from './account-sync.state.js';
import { withoutPerson } from './account-words.js';

/**
 * Forgets a person in what is known of accounts: the conversations that were kept for their memory, readings that
 * memory has not taken yet, and the documents of memory, which keep what they say of others.
 */
@Injectable()
@ErasesPersons('accounts')
export class AccountEraser implements PersonEraser {
  constructor(
    private readonly signals: AccountSignals,
    private readonly syncs: AccountSyncState,
    private readonly jobs: QueueJobs,
    @Inject(Memory) private readonly memory: Memory,
  ) {}

  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    const signals = await this.signals.removeWhere(({ kind, objectId }, stored) => {
      return person.traces.has(`${kind}:${objectId}`) || person.isNamedIn(stored);
    });
    // A sync that has read them already leaves a reading or a document with them.
    await this.jobs.untilPutDown([ACCOUNT_SYNC_QUEUE]);
    return { signals, readings: await this.readings(person), documents: await this.documents(person) };
  }

  private async readings(person: PersonToErase): Promise<number> {
    let dropped = 0;
    for await (const { accountId, document } of this.syncs.unrememberedReadings()) {
      if (!isLessThan(await this.without(person, document), document)) continue;
      await this.syncs.dropReading(accountId);
      dropped += 1;
    }
    return dropped;
  }

  private async documents(person: PersonToErase): Promise<number> {
    let rewritten = 0;
    for (const accountId of await this.memory.accountIds()) {
      if (await this.rewrite(accountId, person)) rewritten += 1;
    }
    return rewritten;
  }

  /** A sync that runs meanwhile has to read again; one that begins later tells memory what it finds then. */
  private async rewrite(accountId: string, person: PersonToErase): Promise<boolean> {
    const document = await this.memory.find(accountId);
    if (document === undefined) return false;
    const rewritten = await this.without(person, document);
    if (!isLessThan(rewritten, document)) return false;
    await this.syncs.begin(accountId);
    await this.memory.replace(rewritten);
    await this.syncs.noteRemembered(accountId, rewritten.contentHash);
    return true;
  }

  private async without(person: PersonToErase, document: AccountDocument): Promise<AccountDocument> {
    const { accountId, accountName, text, contentHash, labels } = document;
    const plain = { accountId, accountName, text, contentHash, labels };
    return withoutPerson(plain, (line) => person.isNamedIn(line), await this.signals.all(accountId));
  }
}

/** Whether anything was taken out; what has come to be known meanwhile is the next sync's to tell. */
function isLessThan({ text }: AccountDocument, before: AccountDocument): boolean {
  const lines = new Set(text.split('\n'));
  return before.text.split('\n').some((line) => !lines.has(line));
}
