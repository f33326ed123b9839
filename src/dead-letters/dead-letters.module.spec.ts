import 'reflect-metadata';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { DeadLettersModule } from './dead-letters.module.js';

type Source = new (...args: unknown[]) => { readonly name: string };

describe('DeadLettersModule', () => {
  it('has one source for each queue, and one for the warehouse', () => {
    const providers = Reflect.getMetadata('providers', DeadLettersModule) as unknown[];
    const sources = providers.filter(
      (provider): provider is Source =>
        typeof provider === 'function' && Reflect.hasMetadata(KeepsDeadLetters.KEY, provider),
    );
    const names = sources.map((source) => new source({}, {}).name);
    expect(names.sort()).toEqual([...Object.keys(QUEUE_POLICY), 'warehouse'].sort());
  });
});
