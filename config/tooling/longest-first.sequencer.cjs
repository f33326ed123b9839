const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * The files that take longest, by measured CPU and waiting: begun first, so that all workers end together. Jest
 * itself goes by the durations of the last run, and on a clean checkout by the size of files, which says little.
 */
const LONGEST = [
  'e2e/gong-api',
  'integration/warehouse/snowflake',
  'e2e/snowflake',
  'e2e/bench',
  'e2e/never-miss-zoho',
  'e2e/commands',
  'integration/zoho/account-sync-burst',
  'e2e/notifications-once',
  'e2e/admin-replays',
  'e2e/crm-write-back',
  'e2e/redis-production',
  'e2e/process',
  'integration/warehouse/duckdb',
  'integration/warehouse/table-loader',
  'e2e/hostile-requests',
].map((name) => `/test/${name}.spec.ts`);

const END = LONGEST.length;

/** The measured ones first, then those of e2e, each with a service to start, then the others. */
function rankOf(path) {
  const place = LONGEST.findIndex((name) => path.endsWith(name));
  if (place !== -1) return place;
  return path.includes('/test/e2e/') ? END : END + 1;
}

module.exports = class LongestFirstSequencer extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((left, right) => rankOf(left.path) - rankOf(right.path));
  }
};
