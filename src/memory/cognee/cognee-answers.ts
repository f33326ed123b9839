/** A chunk or an answer in Cognee's words, as a search gives it. */
export interface CogneeHit {
  readonly text: string;
  /** Names of the node sets it belongs to; empty where the server does not say. */
  readonly nodeSets: readonly string[];
  /** Cosine distance, lower is nearer; null where the server does not say. */
  readonly distance: number | null;
}

export interface AddedData {
  readonly datasetId: string | null;
  /** Null where an older server does not say. */
  readonly dataId: string | null;
  readonly hasFailed: boolean;
}

/** How far the building of the graph is. */
export type GraphState = 'running' | 'completed' | 'failed';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the answer of `POST /add`: `{dataset_id, data_ingestion_info: [{run_info, data_id}]}`. The status of a
 * run may be `PipelineRunAlreadyCompleted`: the same bytes were there, and the data id is theirs.
 */
export function addedData(body: unknown): AddedData {
  const answer = fieldsOf(body);
  const [info] = Array.isArray(answer.data_ingestion_info) ? answer.data_ingestion_info.map(fieldsOf) : [];
  const statuses = [answer.status, fieldsOf(info?.run_info).status];
  return {
    datasetId: textOrNull(answer.dataset_id),
    dataId: textOrNull(info?.data_id),
    hasFailed: statuses.some((status) => stateOf(status) === 'failed'),
  };
}

/** Reads the answer of `POST /cognify`: `{<dataset id>: {status}}`. */
export function cognifyState(body: unknown): GraphState {
  const states = Object.values(fieldsOf(body)).map((run) => stateOf(fieldsOf(run).status));
  if (states.includes('failed')) return 'failed';
  return states.length > 0 && states.every((state) => state === 'completed') ? 'completed' : 'running';
}

/**
 * Reads the answer of `GET /datasets/status`: `{<dataset id>: status}`, or one status for each pipeline of it.
 * A dataset that is not in it has never been processed, or not yet.
 */
export function datasetState(body: unknown, datasetId: string): GraphState {
  const status = fieldsOf(body)[datasetId];
  const nested = fieldsOf(status).cognify_pipeline;
  return stateOf(nested ?? status);
}

/**
 * Reads the answer of `POST /search`: with access control `[{search_result: [...]}]`, without it the bare list.
 * Chunks are objects with a text; completions are texts.
 */
export function searchHits(body: unknown): CogneeHit[] {
  if (typeof body === 'string') {
    return body.trim() === '' ? [] : [{ text: body, nodeSets: [], distance: null }];
  }
  if (Array.isArray(body)) return body.flatMap(searchHits);
  const fields = fieldsOf(body);
  if ('search_result' in fields) return searchHits(fields.search_result);
  if (typeof fields.text !== 'string') return [];
  return [
    {
      text: fields.text,
      nodeSets: Array.isArray(fields.belongs_to_set) ? fields.belongs_to_set.map(nameOf) : [],
      distance: typeof fields.score === 'number' ? fields.score : null,
    },
  ];
}

/** Reads lists of datasets and of data: `[{id, name}]`. */
export function namedItems(body: unknown): { id: string; name: string }[] {
  const items = Array.isArray(body) ? body.map(fieldsOf) : [];
  return items.flatMap(({ id, name }) => {
    return typeof id === 'string' && typeof name === 'string' ? [{ id, name }] : [];
  });
}

/**
 * Cognee says `PipelineRunCompleted` of runs and `DATASET_PROCESSING_COMPLETED` of datasets; its own
 * documentation says `completed`, `running`, `failed`. What is none of the ends is still under way.
 */
function stateOf(status: unknown): GraphState {
  if (typeof status !== 'string') return 'running';
  if (/completed$/i.test(status)) return 'completed';
  return /(errored|failed)$/i.test(status) ? 'failed' : 'running';
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A node set is its name, or an object that has one. */
function nameOf(value: unknown): string {
  return textOrNull(value) ?? textOrNull(fieldsOf(value).name) ?? '';
}
