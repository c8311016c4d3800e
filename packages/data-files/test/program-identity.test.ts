import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { programIdentity } from "../src/program-identity.ts";

test("the program knows its commit in its own checkout only", () => {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-program-"));
  const git = (...parameters: string[]): void => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    execFileSync("git", [...identity, ...parameters], { cwd: folder, stdio: "ignore" });
  };
  const nothing = { version: "1", commit: null, dirty: null };
  try {
    expect(programIdentity("1", folder)).toEqual(nothing);
    git("init");
    writeFileSync(join(folder, "package.json"), "{}");
    expect(programIdentity("1", folder)).toEqual(nothing);
    git("add", ".");
    git("commit", "-m", "one");
    const clean = { version: "1", commit: expect.stringMatching(/^[0-9a-f]{40}$/), dirty: false };
    expect(programIdentity("1", folder)).toEqual(clean);
    writeFileSync(join(folder, "results.csv"), "untracked");
    expect(programIdentity("1", folder)).toEqual(clean);
    writeFileSync(join(folder, "package.json"), "{ }");
    expect(programIdentity("1", folder)).toEqual({ ...clean, dirty: true });
    const installed = join(folder, "node_modules/micromarket");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), "{}");
    expect(programIdentity("1", installed)).toEqual(nothing);
    expect(programIdentity("1", join(folder, "missing"))).toEqual(nothing);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
