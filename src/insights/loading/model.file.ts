import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ModelWeights } from '../text/model-weights.js';

/** As they are kept in `ask-model.json` and `churn-model.json`. */
interface ModelFile {
  readonly bias: number;
  readonly scale: number;
  /** One signed byte for each bucket, deflated, base64. */
  readonly weights: string;
}

/** @throws Error that says why the file is none of ours */
export function parseModel(text: string): ModelWeights {
  const { bias, scale, weights } = JSON.parse(text) as Partial<ModelFile>;
  if (typeof bias !== 'number' || typeof scale !== 'number' || typeof weights !== 'string') {
    throw new Error('needs the numbers "bias" and "scale" and the text "weights"');
  }
  const bytes = inflateRawSync(Buffer.from(weights, 'base64'), { maxOutputLength: 1 << 22 });
  if (bytes.length === 0 || (bytes.length & (bytes.length - 1)) !== 0) {
    throw new Error('needs a power of two of weights');
  }
  return { weights: Int8Array.from(new Int8Array(bytes)), scale, bias };
}

/** @param about provenance, written before the numbers */
export function formatModel(
  about: Readonly<Record<string, string | number>>,
  { weights, scale, bias }: ModelWeights,
): string {
  const packed = deflateRawSync(Buffer.from(weights.buffer, weights.byteOffset, weights.length), {
    level: 9,
  });
  return `${JSON.stringify({ about, bias, scale, weights: packed.toString('base64') }, null, 2)}\n`;
}
