import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { PROGRAM_VERSION } from "../src/version.ts";

test("the program says the version of its package", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  expect(PROGRAM_VERSION).toBe(manifest.version);
});
