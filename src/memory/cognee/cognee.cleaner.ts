import { Injectable } from '@nestjs/common';
import { CogneeApi } from './cognee.api.js';
import { type AccountState, CogneeState, type HeldAccount, isNothing } from './cognee.state.js';

/** An upload without an answer may still be under way inside Cognee; after this it is taken for failed. */
const UPLOAD_SETTLES_MS = 600_000;

/** Finishes what others left: deletes replaced documents, and what came of uploads whose answer nobody saw. */
@Injectable()
export class CogneeCleaner {
  constructor(
    private readonly api: CogneeApi,
    private readonly state: CogneeState,
  ) {}

  /**
   * Cleans up after one account, as far as it is time.
   * @returns the state afterwards, and how many documents were deleted.
   */
  async clean(held: HeldAccount, before: AccountState): Promise<{ state: AccountState; deleted: number }> {
    const { account, unfinished } = before;
    if (isNothing(unfinished)) return { state: before, deleted: 0 };
    const { built } = await this.state.graphNeed(held.datasetId);
    const due = unfinished.surplus.filter(({ until }) => until <= built);
    if (unfinished.uploads.length === 0 && due.length === 0) return { state: before, deleted: 0 };
    const found = await this.documentsNamed(
      held.datasetId,
      unfinished.uploads.map(({ name }) => name),
    );
    const condemned = new Set([...due.map(({ dataId }) => dataId), ...found.map(({ id }) => id)]);
    if (account !== null) condemned.delete(account.dataId);
    for (const dataId of condemned) await this.api.deleteDocument(held.datasetId, dataId);
    const state = {
      account,
      unfinished: {
        uploads: unfinished.uploads.filter(({ name, startedAtMs }) => {
          const isFound = found.some((document) => isNamed(document, name));
          return !isFound && Date.now() < startedAtMs + UPLOAD_SETTLES_MS;
        }),
        surplus: unfinished.surplus.filter(({ dataId }) => !due.some((item) => item.dataId === dataId)),
      },
    };
    await held.write(state, false);
    return { state, deleted: condemned.size };
  }

  /** Cleans up after every account that has anything unfinished, until it is told to stop. */
  async sweep(datasetId: string, stopping: AbortSignal): Promise<void> {
    for (const accountId of await this.state.unfinishedAccounts(datasetId)) {
      if (stopping.aborted) return;
      await this.state.holding(datasetId, accountId, async (held) => this.clean(held, await held.read()));
    }
  }

  /** The documents that came of files with these names. */
  async documentsNamed(
    datasetId: string,
    fileNames: readonly string[],
  ): Promise<{ id: string; name: string }[]> {
    if (fileNames.length === 0) return [];
    const documents = await this.api.documents(datasetId);
    return documents.filter((document) => fileNames.some((name) => isNamed(document, name)));
  }
}

/** Cognee names a document after its file, without the extension. */
function isNamed(document: { name: string }, fileName: string): boolean {
  return document.name === fileName || `${document.name}.txt` === fileName;
}
