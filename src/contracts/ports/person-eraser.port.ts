import { DiscoveryService } from '@nestjs/core';
import type { EventKind } from '../vendor.js';

/**
 * Where there may be anything of a person, in the order in which it is erased: first what could still write, then what
 * it has written, then what was told of it.
 */
export const ERASURE_PLACES = [
  'queues',
  'insight-reviews',
  'crm-tasks',
  'warehouse',
  'notifications',
  'accounts',
  'crm-index',
  'gong-users',
] as const;
export type ErasurePlace = (typeof ERASURE_PLACES)[number];

/** A conversation that a person took part in, or the record of a CRM that is the person: `call:8123…`. */
export type PersonTrace = `${EventKind}:${string}`;

/** Whom to forget. Nothing of it is ever logged. */
export interface PersonToErase {
  /** In lower case. */
  readonly email: string;
  isNamedIn(text: string): boolean;
  /** As far as they have been found: what belongs to them goes too, where it does not hold the address. */
  readonly traces: ReadonlySet<PersonTrace>;
  /** Durable when it returns: what leads to the rest must be noted before it is erased. */
  addTraces(traces: readonly PersonTrace[]): Promise<void>;
}

/** Forgets a person in one place. */
export interface PersonEraser {
  /**
   * Safe to repeat, and to be killed in. All that had come in before the call is gone when it returns.
   * @returns how many things were removed or emptied, by what they are.
   * @throws AppError when it must be asked again later.
   */
  erasePerson(person: PersonToErase): Promise<Readonly<Record<string, number>>>;
}

/** Marks a provider as the eraser of a place. */
export const ErasesPersons = DiscoveryService.createDecorator<ErasurePlace>();
