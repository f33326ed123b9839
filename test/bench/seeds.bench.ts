import { loadavg } from 'node:os';
import type { BenchOptions, BenchResult } from './bench-result.js';
import { Load } from './ingest/load.js';
import type { Claim } from './seeds/claim.js';
import { readCoverage } from './seeds/coverage.js';
import { measureFrontDoor } from './seeds/front-door.js';
import { measureGrowth } from './seeds/growth.js';
import { planOf } from './seeds/plan.js';
import { measureProcessing } from './seeds/processing.js';
import { measureSplitRoles } from './seeds/split-roles.js';
import { measureVendors } from './seeds/vendors.js';

/**
 * The figures that the seeds of this project name, each beside what was measured: the built service on a real
 * Redis that syncs every write, with DuckDB and simulated vendors. `SEEDS_PARTS` (comma list) runs some parts only.
 */
export async function run({ isQuick, say }: BenchOptions): Promise<BenchResult> {
  const plan = planOf(isQuick);
  const load = Load.start();
  const loadBefore = loadavg()[0] ?? NaN;
  const parts: Readonly<Record<string, () => Promise<Claim[]> | Claim[]>> = {
    'front-door': () => measureFrontDoor(load, plan, say),
    processing: () => measureProcessing(load, plan, say),
    vendors: () => measureVendors(plan, say),
    roles: () => measureSplitRoles(load, plan, say),
    growth: () => measureGrowth(load, plan, say),
    coverage: readCoverage,
  };
  const wanted = process.env.SEEDS_PARTS?.split(',') ?? Object.keys(parts);
  const claims: Claim[] = [];
  try {
    for (const part of wanted) {
      const measure = parts[part];
      if (measure === undefined) {
        throw new Error(`no part ${part}; there are: ${Object.keys(parts).join(', ')}`);
      }
      claims.push(...(await measure()));
    }
  } finally {
    load.stop();
  }
  return {
    figures: {},
    ratios: {},
    claims,
    notes: [
      `load of the machine when it began: ${loadBefore.toFixed(1)}; sender, service, Redis and simulated vendors share it`,
      'calls without credentials of Gong: with them, its 3 requests a second of 100 calls each are the limit',
    ],
  };
}
