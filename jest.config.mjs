export default {
  roots: ["<rootDir>/packages", "<rootDir>/apps", "<rootDir>/tools"],
  testMatch: ["**/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.tsx?$": "<rootDir>/tools/jest/transformer.mjs" },
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  modulePathIgnorePatterns: ["/dist/"],
  testTimeout: 60_000,
  maxWorkers: 2,
  // modules of finished suites stay in a worker's heap: without new workers the last of 300 suites find none left
  workerIdleMemoryLimit: "1GB",
  reporters: ["default", "<rootDir>/tools/jest/plain-count-reporter.mjs"],
};
