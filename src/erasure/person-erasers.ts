import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  ERASURE_PLACES,
  type ErasurePlace,
  ErasesPersons,
  type PersonEraser,
} from '../contracts/ports/person-eraser.port.js';

/** The erasers of all places, in the order of the places. */
@Injectable()
export class PersonErasers implements OnModuleInit {
  private erasers: readonly (readonly [ErasurePlace, PersonEraser])[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws when a place has no eraser: an erasure would be said to be done that is not. */
  onModuleInit(): void {
    const found = this.discovery.getProviders({ metadataKey: ErasesPersons.KEY }).map((provider) => {
      const place = this.discovery.getMetadataByDecorator(ErasesPersons, provider);
      return [place, provider.instance as PersonEraser] as const;
    });
    this.erasers = ERASURE_PLACES.map((place) => {
      const eraser = found.find(([name]) => name === place)?.[1];
      if (eraser === undefined) throw new Error(`start-up refused: nobody erases persons in ${place}`);
      return [place, eraser] as const;
    });
  }

  get all(): readonly (readonly [ErasurePlace, PersonEraser])[] {
    return this.erasers;
  }
}
