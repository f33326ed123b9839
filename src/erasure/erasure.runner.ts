import { Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { mentionOf } from '../contracts/mention.js';
import type { PersonToErase } from '../contracts/ports/person-eraser.port.js';
import { ErasureState, type OpenErasure } from './erasure.state.js';
import { PersonErasers } from './person-erasers.js';

/** What keeps coming in is new data: it must not keep an erasure from its end. */
const MOST_ROUNDS = 5;

/**
 * Has every place forget a person, round by round until a round finds nothing: what one place has found (the
 * conversations a person took part in) may lead to more in another, and what moved from a place that was not looked at
 * yet to one that was is met in the next round. Each step can be repeated, so a crash begins again.
 */
@Injectable()
export class ErasureRunner {
  constructor(
    private readonly state: ErasureState,
    private readonly erasers: PersonErasers,
    @InjectPinoLogger(ErasureRunner.name) private readonly logger: PinoLogger,
  ) {}

  /** @throws AppError of a place that must be asked again later. */
  async run(id: string): Promise<void> {
    for (;;) {
      const erasure = await this.state.load(id);
      if (erasure === undefined) return;
      await this.state.begin(id);
      for (let round = 1; round <= MOST_ROUNDS; round += 1) {
        if ((await this.round(id, erasure)) === 0) break;
      }
      if (await this.state.close(id, erasure)) break;
    }
    this.logger.info({ erasureId: id }, 'person.erased');
  }

  /** @returns how much was erased in all places together. */
  private async round(id: string, erasure: OpenErasure): Promise<number> {
    const person = this.personOf(id, erasure);
    let erased = 0;
    for (const [place, eraser] of this.erasers.all) {
      const counts = await eraser.erasePerson(person);
      await this.state.count(id, place, counts);
      erased += Object.values(counts).reduce((sum, count) => sum + count, 0);
    }
    return erased;
  }

  private personOf(id: string, { email, traces: known }: OpenErasure): PersonToErase {
    const traces = new Set(known);
    return {
      email,
      isNamedIn: mentionOf(email),
      traces,
      addTraces: async (found) => {
        await this.state.addTraces(id, found);
        for (const trace of found) traces.add(trace);
      },
    };
  }
}
