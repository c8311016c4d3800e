/** Keys by the command line: made once, shown without their secret. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runCommand } from "./memory-console.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-identity-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (): string => join(folder, "owner.key");

test("new makes a key that its owner alone can read, and show says whose it is", async () => {
  const made = await runCommand(["identity", "new", file()]);
  expect(made).toMatchObject({ exitCode: 0, err: "" });
  expect(made.out).toMatch(/^did:key:zQ3s\w+\n$/);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  const shown = await runCommand(["identity", "show", file(), "--json"]);
  expect(JSON.parse(shown.out)).toEqual({ file: file(), did: made.out.trim() });
  const secret = /[0-9a-f]{64}/.exec(readFileSync(file(), "utf8"))?.[0] ?? "none";
  expect(secret).toHaveLength(64);
  expect(made.out + shown.out + shown.err).not.toContain(secret);
});

test("new leaves a key alone that is there, and show makes none", async () => {
  await runCommand(["identity", "new", file()]);
  const before = readFileSync(file(), "utf8");
  const again = await runCommand(["identity", "new", file()]);
  expect([again.exitCode, again.out]).toEqual([1, ""]);
  expect(again.err).toContain("FILE_EXISTS");
  expect(readFileSync(file(), "utf8")).toBe(before);
  const missing = await runCommand(["identity", "show", join(folder, "none.key"), "--json"]);
  expect([missing.exitCode, missing.out]).toEqual([3, ""]);
  expect(JSON.parse(missing.err)).toMatchObject({ problems: [{ code: "KEY_FILE_MISSING" }] });
});

test("a key that others may read is not shown, nor one that cannot be made", async () => {
  await runCommand(["identity", "new", file()]);
  chmodSync(file(), 0o644);
  const { exitCode, out, err } = await runCommand(["identity", "show", file()]);
  expect([exitCode, out]).toEqual([3, ""]);
  expect(err).toMatch(/KEY_FILE_OPEN_TO_OTHERS/);
  const nowhere = await runCommand(["identity", "new", join(folder, "none", "owner.key")]);
  expect(nowhere.exitCode).toBe(3);
  expect(nowhere.err).toContain("KEY_FILE_NOT_MADE");
});
