import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));
const YEAR = fileURLToPath(new URL("../../../simulations/street-20-year.yaml", import.meta.url));

test("Ctrl-C in the middle of a run: exit 130, nothing is left behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-interrupted-"));
  try {
    const child = spawn(process.execPath, [COMMAND, "simulate", YEAR, "--out", join(folder, "year")], {
      stdio: "pipe",
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => void (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => void (err += chunk.toString()));
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    while (!readdirSync(folder).some((name) => name.includes("partial"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(child.exitCode).toBeNull();
    }
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect({ out, left: readdirSync(folder) }).toEqual({ out: "", left: [] });
    expect(err).toContain("interrupted: nothing was written");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
