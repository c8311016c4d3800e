/** What a demo's folder holds is the demo's, the secret key of its gateway included. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { openDemoFolder } from "../src/demo/demo-folder.ts";

const STREET = { homes: 2, seed: 1, epoch: instantMs(Date.UTC(2026, 5, 1)) };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-demo-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("beginning anew takes the key away, and the draft of one that a kill left", () => {
  expect(openDemoFolder(folder, {}, STREET).ok).toBe(true);
  for (const name of ["gateway.key", "gateway.key.123-0a1b2c3d", "own-notes.txt"])
    writeFileSync(join(folder, name), "x");
  expect(openDemoFolder(folder, { reset: true }, STREET).ok).toBe(true);
  expect(readdirSync(folder).sort((a, b) => a.localeCompare(b))).toEqual(["demo.json", "own-notes.txt"]);
});

test("a reset that was cut off after everything but the key leaves a folder that a demo takes", () => {
  writeFileSync(join(folder, "gateway.key"), "x");
  expect(openDemoFolder(folder, {}, STREET).ok).toBe(true);
});
