import { createHash, randomUUID } from 'node:crypto';

export interface CogneeDocument {
  id: string;
  readonly name: string;
  readonly text: string;
  readonly nodeSets: readonly string[];
  readonly createdAt: string;
  /** Whether a run of cognify has taken it into the graph: only then is it found. */
  isProcessed: boolean;
}

export type RunStatus =
  | 'DATASET_PROCESSING_INITIATED'
  | 'DATASET_PROCESSING_STARTED'
  | 'DATASET_PROCESSING_COMPLETED'
  | 'DATASET_PROCESSING_ERRORED';

export interface CogneeDataset {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly documents: Map<string, CogneeDocument>;
  /** Of its last run of cognify; undefined before the first. */
  status?: RunStatus;
}

export interface FoundChunk {
  readonly document: CogneeDocument;
  /** Cosine distance stands here in Cognee; here it is the share of the question's words that are missing. */
  readonly distance: number;
}

/** Stands for what embeddings do: these words are near each other. Nothing else of meaning is simulated. */
const NEAR_WORDS = [['unhappy', 'frustrated', 'disappointed', 'dissatisfied', 'annoyed']];

/** What a Cognee server keeps: datasets, their documents, and which of them its graph knows. */
export class CogneeLibrary {
  readonly datasets = new Map<string, CogneeDataset>();

  /** A dataset by its name, made if there is none (cognee v1.5: idempotent by name). */
  dataset(name: string): CogneeDataset {
    const known = [...this.datasets.values()].find((dataset) => dataset.name === name);
    if (known !== undefined) return known;
    const dataset = { id: randomUUID(), name, createdAt: new Date().toISOString(), documents: new Map() };
    this.datasets.set(dataset.id, dataset);
    return dataset;
  }

  /**
   * Adds a file. Equal bytes in a dataset are one document: the known one is given back (v1.5 looks it up by
   * its content hash; until v1.4 the id itself is made of the content).
   */
  add(
    dataset: CogneeDataset,
    file: { name: string; text: string; nodeSets: readonly string[] },
    idsFromContent: boolean,
  ): { document: CogneeDocument; isNew: boolean } {
    const known = [...dataset.documents.values()].find(({ text }) => text === file.text);
    if (known !== undefined) return { document: known, isNew: false };
    const document = {
      id: idsFromContent ? contentId(file.text) : randomUUID(),
      // The name of the file without its extension.
      name: file.name.replace(/\.[^.]+$/, ''),
      text: file.text,
      nodeSets: file.nodeSets,
      createdAt: new Date().toISOString(),
      isProcessed: false,
    };
    dataset.documents.set(document.id, document);
    return { document, isNew: true };
  }

  /** The nearest chunks; a document is one chunk here. A vector search always finds something. */
  search(dataset: CogneeDataset, question: string, count: number): FoundChunk[] {
    const wanted = wordsOf(question);
    return [...dataset.documents.values()]
      .filter(({ isProcessed }) => isProcessed)
      .map((document) => {
        const words = wordsOf(document.text);
        const shared = [...wanted].filter((word) => words.has(word)).length;
        return { document, distance: 1 - shared / Math.max(1, wanted.size) };
      })
      .sort((one, other) => one.distance - other.distance)
      .slice(0, count);
  }
}

/** A UUID made of the content, as versions before 1.5 give. */
function contentId(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function wordsOf(text: string): Set<string> {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 3);
  return new Set(words.map((word) => NEAR_WORDS.find((near) => near.includes(word))?.[0] ?? word));
}
