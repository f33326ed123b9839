import fc from 'fast-check';
import { AppError } from '../../../src/contracts/errors.js';
import { authentic, type Form, FORMS, forgeriesOf, verify } from './signed-forms.js';

/** `PROOF_REQUESTS=50000 npx jest test/integration/intake/forgeries` is the whole proof; it takes a minute or two. */
const REQUESTS = Number(process.env.PROOF_REQUESTS ?? 3_000);
const TIMEOUT_MS = 600_000;

const bodies = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

async function outcome(form: Form, request: Parameters<typeof verify>[1]): Promise<string> {
  try {
    await verify(form, request);
    return 'verified';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('the proof of the sender', () => {
  it(
    `holds for each of ${REQUESTS} authentic requests of all forms`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...FORMS), bodies, async (form, body) => {
          expect(await outcome(form, authentic(form, body))).toBe('verified');
        }),
        { numRuns: REQUESTS },
      );
    },
    TIMEOUT_MS,
  );

  const forged = fc
    .constantFrom(...FORMS)
    .chain((form) =>
      fc.record({ form: fc.constant(form), how: fc.constantFrom(...Object.keys(forgeriesOf(form))) }),
    );
  const forgeries = fc.record({
    place: fc.nat(100_000),
    flip: fc.integer({ min: 1, max: 255 }),
    other: bodies,
  });

  it(
    `fails for each of ${REQUESTS} forged or altered requests, with a code`,
    async () => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(forged, bodies, forgeries, async ({ form, how }, body, forgery) => {
          const request = forgeriesOf(form)[how]?.(authentic(form, body), forgery);
          if (request === undefined) throw new Error(`no forgery ${how}`);
          seen.add(`${form}: ${how}`);
          expect(await outcome(form, request)).toMatch(/^SIGNATURE\.[A-Z_]+$/);
        }),
        { numRuns: REQUESTS },
      );
      const all = FORMS.flatMap((form) => Object.keys(forgeriesOf(form)).map((how) => `${form}: ${how}`));
      expect(all.filter((how) => !seen.has(how))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
