/** Ends a run of Jest with one line that people and scripts can read: `tests: 12 passed, 0 failed, 1 skipped`. */
module.exports = class JestTotalsReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = results;
    // A file that does not compile has no tests that could fail: it counts as one.
    const failed = numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = numPendingTests + numTodoTests;
    process.stdout.write(`\ntests: ${numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
};
