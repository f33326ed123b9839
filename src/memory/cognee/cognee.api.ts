import { Injectable } from '@nestjs/common';
import { FormData } from 'undici';
import {
  addedData,
  type CogneeHit,
  cognifyState,
  datasetState,
  type GraphState,
  namedItems,
  searchHits,
} from './cognee-answers.js';
import { noAnswer, pipelineFailed } from './cognee-errors.js';
import type { CogneeUpload } from './cognee-upload.js';
import { CogneeHttp } from './cognee.http.js';

const V1 = '/api/v1';

/** A health check must not hang with what it looks at. */
const HEALTH_TIMEOUT_MS = 2_000;

/** The routes of Cognee that we use (cognee v1.5 `api/v1/*`/routers, with what v0.3 to v0.5 answer instead). */
@Injectable()
export class CogneeApi {
  constructor(private readonly http: CogneeHttp) {}

  /** The id of a dataset, which is made if there is none of this name. */
  async datasetId(name: string): Promise<string> {
    const { body } = await this.http.send({ method: 'POST', path: `${V1}/datasets`, json: { name } });
    const [dataset] = namedItems([body]);
    if (dataset === undefined) throw noAnswer(`POST ${V1}/datasets`, 'no id in the answer');
    return dataset.id;
  }

  /** Uploads a document. The same bytes again are not stored twice and have the same id. */
  async add(
    datasetName: string,
    upload: CogneeUpload,
  ): Promise<{ datasetId: string | null; dataId: string | null }> {
    const path = `${V1}/add`;
    const { body } = await this.http.send({ method: 'POST', path, form: formOf(datasetName, upload) });
    const { hasFailed, ...added } = addedData(body);
    if (hasFailed) throw pipelineFailed(`POST ${path}`);
    return added;
  }

  /** The documents of a dataset; a dataset that is gone has none. */
  async documents(datasetId: string): Promise<{ id: string; name: string }[]> {
    const path = `${V1}/datasets/${encodeURIComponent(datasetId)}/data`;
    const { status, body } = await this.http.send({ method: 'GET', path, accepts: [404] });
    return status === 404 ? [] : namedItems(body);
  }

  /** A document as it was uploaded; undefined where it is gone. */
  async rawDocument(datasetId: string, dataId: string): Promise<string | undefined> {
    const path = `${V1}/datasets/${encodeURIComponent(datasetId)}/data/${encodeURIComponent(dataId)}/raw`;
    const { status, body } = await this.http.send({ method: 'GET', path, accepts: [404], isText: true });
    return status === 404 || typeof body !== 'string' ? undefined : body;
  }

  /** Deletes a document; one that is not there is fine. */
  async deleteDocument(datasetId: string, dataId: string): Promise<void> {
    const path = `${V1}/datasets/${encodeURIComponent(datasetId)}/data/${encodeURIComponent(dataId)}`;
    await this.http.send({ method: 'DELETE', path, accepts: [404] });
  }

  /** Has the graph built from what was added. */
  async cognify(datasetName: string): Promise<GraphState> {
    const json = { datasets: [datasetName], runInBackground: true };
    return cognifyState((await this.http.send({ method: 'POST', path: `${V1}/cognify`, json })).body);
  }

  async graphState(datasetId: string): Promise<GraphState> {
    const path = `${V1}/datasets/status?dataset=${encodeURIComponent(datasetId)}`;
    return datasetState((await this.http.send({ method: 'GET', path })).body, datasetId);
  }

  /**
   * The chunks nearest to a question. CHUNKS, because an agent wants the passages themselves, of a known
   * account and to quote, and because it costs no call of a language model; always said, because the default
   * differs between versions. Before anything was processed there is nothing to search: 404 or 422.
   */
  async search(datasetName: string, query: string, count: number): Promise<CogneeHit[]> {
    const { status, body } = await this.http.send({
      method: 'POST',
      path: `${V1}/search`,
      json: { searchType: 'CHUNKS', query, datasets: [datasetName], topK: count },
      accepts: [404, 422],
    });
    return status === 200 ? searchHits(body) : [];
  }

  /** Never `/health/detailed`, which asks the language model each time. */
  async health(): Promise<{ isReady: boolean; version: string | null }> {
    const { status, body } = await this.http.ask('/health', HEALTH_TIMEOUT_MS);
    const { version } = (body ?? {}) as { version?: unknown };
    return { isReady: status === 200, version: typeof version === 'string' ? version : null };
  }
}

/** The document as a file: Cognee takes a list of files, and a text field in its place is refused. */
function formOf(datasetName: string, { fileName, text, nodeSets }: CogneeUpload): FormData {
  const form = new FormData();
  form.append('data', new Blob([text], { type: 'text/plain' }), fileName);
  form.append('datasetName', datasetName);
  for (const nodeSet of nodeSets) form.append('node_set', nodeSet);
  form.append('run_in_background', 'false');
  return form;
}
