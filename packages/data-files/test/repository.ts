/** Where the repository and the shared data lie. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "@jest/globals";

/** The repository's root. */
const ROOT = resolve(import.meta.dirname, "../../..");
/** Shipped scenarios. */
export const SIMULATIONS = join(ROOT, "simulations");
/** Public data sets beside the repository; see simulations/README.md. */
export const DATA = process.env["MICROMARKET_DATA"] ?? resolve(ROOT, "../shared/data");

/** Tests that read the shared data: skipped with the reason where it is missing, but a failure in CI. */
export function describeWithData(name: string, folder: string, tests: (folder: string) => void): void {
  const path = join(DATA, folder);
  if (existsSync(path)) {
    describe(name, () => {
      tests(path);
    });
  } else if (process.env["CI"] === "true") {
    test(name, () => {
      throw new Error(`${path} is missing: put the shared data there, or name its folder in MICROMARKET_DATA`);
    });
  } else {
    const leaveOut = describe.skip;
    leaveOut(`${name} (skipped: no data at ${path}; MICROMARKET_DATA names another folder)`, () => {
      tests(path);
    });
  }
}
