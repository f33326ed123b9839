import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, isCoded } from '../../contracts/errors.js';
import type { HealthReport } from '../../contracts/ports/health-check.port.js';
import type {
  AccountDocument,
  Memory,
  MemoryStats,
  Recollection,
  RememberedDocument,
} from '../../contracts/ports/memory.port.js';
import type { MemoryProbe } from '../memory-probe.js';
import { questionTermsOf } from '../text/words.js';
import { CogneeApi } from './cognee.api.js';
import { CogneeCleaner } from './cognee.cleaner.js';
import { CogneeDataset } from './cognee.dataset.js';
import { type AccountState, CogneeState, type HeldAccount, isNothing } from './cognee.state.js';
import type { CogneeHit } from './cognee-answers.js';
import { accountOf, quoteOfHit } from './cognee-quotes.js';
import { type CogneeUpload, uploadedText, uploadOf } from './cognee-upload.js';

const UNSETTLED_RETRY_MS = 60_000;
const DATASET_RETRY_MS = 1_000;

/**
 * Account memory in Cognee. One file for each account; a newer one is added first, and the older one is
 * deleted when the newer one can be found. Each step is noted in Redis before it is taken, so that whoever
 * works on the account next finishes what a dead process began. What was added can be found when the graph
 * is built (cognee-graph.builder.ts).
 */
@Injectable()
export class CogneeMemory implements Memory, MemoryProbe {
  constructor(
    private readonly api: CogneeApi,
    private readonly dataset: CogneeDataset,
    private readonly state: CogneeState,
    private readonly cleaner: CogneeCleaner,
  ) {}

  async remember(document: AccountDocument): Promise<'stored' | 'unchanged'> {
    const datasetId = await this.dataset.id();
    return this.state.holding(datasetId, document.accountId, async (held) => {
      const before = await held.read();
      const upload = uploadOf(document);
      const isKnown = before.account?.fingerprint === upload.fingerprint;
      const known = isKnown ? before : await this.add(held, before, document.accountName, upload);
      const { deleted } = await this.cleaner.clean(held, known);
      return isKnown && deleted === 0 ? 'unchanged' : 'stored';
    });
  }

  async replace(document: AccountDocument): Promise<void> {
    await this.remember(document);
    const datasetId = await this.dataset.id();
    await this.state.holding(datasetId, document.accountId, async (held) => {
      const { account, unfinished } = await held.read();
      const surplus = unfinished.surplus.map(({ dataId }) => ({ dataId, until: 0 }));
      const hastened = { account, unfinished: { ...unfinished, surplus } };
      await held.write(hastened, false);
      const { state } = await this.cleaner.clean(held, hastened);
      if (!isNothing(state.unfinished)) throw unsettled();
    });
  }

  async forget(accountId: string): Promise<void> {
    const datasetId = await this.dataset.id();
    await this.state.holding(datasetId, accountId, async (held) => {
      const { account, unfinished } = await held.read();
      const known = [...unfinished.surplus, ...(account === null ? [] : [account])];
      const surplus = known.map(({ dataId }) => ({ dataId, until: 0 }));
      const forgotten = { account: null, unfinished: { ...unfinished, surplus } };
      // From here on recall does not show it, whatever becomes of the deletion.
      await held.write(forgotten, false);
      const { state } = await this.cleaner.clean(held, forgotten);
      if (!isNothing(state.unfinished)) throw unsettled();
    });
  }

  async recall(query: string, limit: number): Promise<Recollection[]> {
    const question = questionTermsOf(query);
    if (question.size === 0) return [];
    const hits = await this.search(query, limit);
    const accountIds = hits.map(accountOf);
    const names = await this.namesOf(accountIds.filter((id) => id !== null));
    return hits.flatMap((hit, place) => {
      const accountId = accountIds[place] ?? null;
      const accountName = accountId === null ? null : (names.get(accountId) ?? null);
      // An account that was forgotten while Cognee's index still has it.
      if (accountId !== null && accountName === null) return [];
      const score = hit.distance === null ? null : 1 / (1 + hit.distance);
      return [{ accountId, accountName, text: quoteOfHit(hit, question), score }];
    });
  }

  /** Asks Cognee for the text; a document that it has lost is none. */
  async find(accountId: string): Promise<RememberedDocument | undefined> {
    const datasetId = await this.dataset.lastKnownId();
    if (datasetId === null) return undefined;
    const [account] = await this.state.accounts(datasetId, [accountId]);
    if (!account) return undefined;
    const upload = await this.api.rawDocument(datasetId, account.dataId);
    if (upload === undefined) return undefined;
    const { built } = await this.state.graphNeed(datasetId);
    const { text, labels } = uploadedText(upload);
    const { accountName, rememberedAtMs, change } = account;
    return {
      ...{ accountId, accountName, text, labels },
      contentHash: createHash('sha256').update(text).digest('hex'),
      rememberedAt: rememberedAtMs === undefined ? null : new Date(rememberedAtMs).toISOString(),
      isRecallable: change <= built,
    };
  }

  async accountIds(): Promise<string[]> {
    const datasetId = await this.dataset.lastKnownId();
    return datasetId === null ? [] : this.state.accountIds(datasetId);
  }

  async stats(): Promise<MemoryStats> {
    const datasetId = await this.dataset.lastKnownId();
    if (datasetId === null) return { documents: 0, lastRememberedAt: null };
    return this.state.stats(datasetId);
  }

  async probe(): Promise<HealthReport> {
    const [{ isReady, version }, { documents }] = await Promise.all([this.api.health(), this.stats()]);
    return { status: isReady ? 'up' : 'down', details: { memory: 'cognee', version, documents } };
  }

  /** Adds the new document; the older one becomes surplus in the very write that makes the new one known. */
  private async add(
    held: HeldAccount,
    { account, unfinished }: AccountState,
    accountName: string,
    upload: CogneeUpload,
  ): Promise<AccountState> {
    const others = unfinished.uploads.filter(({ name }) => name !== upload.fileName);
    const begun = [...others, { name: upload.fileName, startedAtMs: Date.now() }];
    await held.write({ account, unfinished: { ...unfinished, uploads: begun } }, false);
    const dataId = await this.upload(held.datasetId, upload);
    const { changes, built } = await this.state.graphNeed(held.datasetId);
    const change = changes + 1;
    const replaced = account === null ? [] : [{ dataId: account.dataId, until: account.change }];
    // What can be found stays until the new document can be found; what cannot goes at once.
    const surplus = [
      ...unfinished.surplus.map((item) => ({ ...item, until: item.until > built ? change : 0 })),
      ...replaced.map((item) => ({ ...item, until: item.until <= built ? change : 0 })),
    ].filter((item) => item.dataId !== dataId);
    const added = {
      account: { dataId, fingerprint: upload.fingerprint, accountName, change, rememberedAtMs: Date.now() },
      unfinished: { uploads: others, surplus },
    };
    await held.write(added, true);
    return added;
  }

  private async search(query: string, limit: number): Promise<CogneeHit[]> {
    try {
      return await this.api.search(this.dataset.name, query, limit);
    } catch (error) {
      // An old server answers 409 where there is nothing to search yet.
      if (isCoded(error, 'MEMORY.CONFLICT') && !(await this.hasGraph())) return [];
      throw error;
    }
  }

  private async hasGraph(): Promise<boolean> {
    const datasetId = await this.dataset.lastKnownId();
    return datasetId !== null && (await this.state.graphNeed(datasetId)).built > 0;
  }

  private async upload(datasetId: string, upload: CogneeUpload): Promise<string> {
    const added = await this.api.add(this.dataset.name, upload);
    if (added.datasetId !== null && added.datasetId !== datasetId) {
      this.dataset.doubt();
      throw datasetChanged();
    }
    if (added.dataId !== null) return added.dataId;
    const [named] = await this.cleaner.documentsNamed(datasetId, [upload.fileName]);
    if (named === undefined) throw datasetChanged();
    return named.id;
  }

  private async namesOf(accountIds: readonly string[]): Promise<Map<string, string>> {
    const datasetId = await this.dataset.lastKnownId();
    if (datasetId === null) return new Map();
    const accounts = await this.state.accounts(datasetId, accountIds);
    return new Map(
      accountIds.flatMap((id, place) => {
        const account = accounts[place];
        return account ? [[id, account.accountName] as const] : [];
      }),
    );
  }
}

function unsettled(): AppError {
  return new AppError('MEMORY.BUSY', 'an upload of this account may still arrive, to be deleted then', {
    afterMs: UNSETTLED_RETRY_MS,
  });
}

function datasetChanged(): AppError {
  return new AppError('MEMORY.CONFLICT', 'the dataset of Cognee is another than it was', {
    afterMs: DATASET_RETRY_MS,
  });
}
