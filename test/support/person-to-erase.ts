import { mentionOf } from '../../src/contracts/mention.js';
import type { PersonToErase, PersonTrace } from '../../src/contracts/ports/person-eraser.port.js';

/** A person whose traces are kept in memory. */
export function personToErase(email: string, known: readonly PersonTrace[] = []): PersonToErase {
  const traces = new Set(known);
  return {
    email,
    isNamedIn: mentionOf(email),
    traces,
    addTraces: (found) => {
      for (const trace of found) traces.add(trace);
      return Promise.resolve();
    },
  };
}
