import type { DiscoveryService } from '@nestjs/core';
import { ERASURE_PLACES } from '../contracts/ports/person-eraser.port.js';
import { PersonErasers } from './person-erasers.js';

/** Knows providers as Nest does, each with the place that its decorator names. */
function discovery(places: readonly string[]): DiscoveryService {
  const providers = places.map((place) => ({ instance: { place } }));
  return {
    getProviders: () => providers,
    getMetadataByDecorator: (_decorator: unknown, { instance }: (typeof providers)[number]) => instance.place,
  } as unknown as DiscoveryService;
}

describe(PersonErasers, () => {
  it('gives the erasers in the order of the places, however they were registered', () => {
    const erasers = new PersonErasers(discovery([...ERASURE_PLACES].reverse()));
    erasers.onModuleInit();
    expect(erasers.all).toEqual(ERASURE_PLACES.map((place) => [place, { place }]));
  });

  it('refuses the start where a place has no eraser, by name', () => {
    const erasers = new PersonErasers(discovery(ERASURE_PLACES.filter((place) => place !== 'notifications')));
    expect(() => erasers.onModuleInit()).toThrow('start-up refused: nobody erases persons in notifications');
  });
});
