// Prints the count on a line of its own, in a form that any CI can read.
export default class PlainCountReporter {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, numRuntimeErrorTestSuites },
  ) {
    const broken = numFailedTestSuites > 0 && numFailedTests === 0 ? numRuntimeErrorTestSuites : 0;
    process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests + broken} failed, ${numPendingTests} skipped\n`);
  }
}
