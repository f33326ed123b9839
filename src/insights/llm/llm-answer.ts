import type { Stance } from '../../contracts/insight.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import { MODEL_KINDS, type ModelFinding } from '../rules/model-finding.js';

/** More than a conversation holds: whoever answers with more has lost the thread. */
const MAX_FINDINGS = 60;
const MAX_SENTENCES = 3;
const STANCES: readonly Stance[] = ['mention', 'evaluating', 'using', 'rejected', 'past', 'integration'];

/** The findings of an answer, and how many had no usable form. */
export interface ModelAnswer {
  readonly findings: readonly ModelFinding[];
  readonly dropped: number;
}

/**
 * Reads what a model wrote. Local servers often ignore the form that was asked for and put the JSON between fences.
 * @returns null for what is no such answer
 */
export function readAnswer(text: string): ModelAnswer | null {
  const parsed = jsonIn(text);
  const list = isObject(parsed) ? parsed.findings : parsed;
  if (!Array.isArray(list)) return null;
  const items = (list as Json[]).slice(0, MAX_FINDINGS);
  const findings = items.flatMap((item) => findingOf(item) ?? []);
  return { findings, dropped: list.length - findings.length };
}

function jsonIn(text: string): Json | undefined {
  const bare = text.replace(/^[\s\S]*?```(?:json)?\s*([\s\S]*?)```[\s\S]*$/, '$1').trim();
  try {
    return JSON.parse(bare) as Json;
  } catch {
    // No JSON: the caller says so.
    return undefined;
  }
}

function findingOf(item: Json): ModelFinding | null {
  if (!isObject(item)) return null;
  const kind = MODEL_KINDS.find((known) => known === item.kind);
  const { score } = item;
  const sentenceIds = wholeNumbers(item.sentenceIds);
  if (kind === undefined || typeof score !== 'number' || !Number.isFinite(score)) return null;
  return {
    kind,
    sentenceIds: sentenceIds.slice(0, MAX_SENTENCES),
    score: Math.min(1, Math.max(0, score)),
    subject: typeof item.subject === 'string' ? item.subject : null,
    stance: STANCES.find((known) => known === item.stance) ?? null,
    owner: wholeNumbers([item.owner ?? null])[0] ?? null,
  };
}

function wholeNumbers(value: Json | undefined): number[] {
  if (!Array.isArray(value)) return [];
  return (value as Json[]).filter(
    (item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0,
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
