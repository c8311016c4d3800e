/** The built command gives the same bytes on this Node and on the newest one that is supported. */
import { expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));
const SCENARIO = fileURLToPath(new URL("../../../simulations/street-20.yaml", import.meta.url));
const OTHER_NODE = process.env["MICROMARKET_NODE_24"];
const whenOtherNodeIsThere = OTHER_NODE !== undefined || process.env["CI"] === "true" ? test : test.skip;

function resultOf(node: string, zone: string): Record<string, string> {
  const out = mkdtempSync(join(tmpdir(), "micromarket-node-"));
  try {
    const env = { ...process.env, TZ: zone, LANG: "tr_TR.UTF-8" };
    execFileSync(node, [COMMAND, "simulate", SCENARIO, "--seed", "3", "--out", out, "--quiet"], { env, stdio: "pipe" });
    const read = (name: string): string => readFileSync(join(out, name), "utf8");
    const withoutStart = (text: string): string => text.replace(/"startedAt": "[^"]*"/, "");
    return Object.fromEntries(readdirSync(out).map((name) => [name, withoutStart(read(name))]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

test("in another time zone", () => {
  expect(resultOf(process.execPath, "Pacific/Apia")).toEqual(resultOf(process.execPath, "UTC"));
});

whenOtherNodeIsThere("on Node 24 (name its executable in MICROMARKET_NODE_24)", () => {
  const other = OTHER_NODE ?? "";
  expect(execFileSync(other, ["--version"], { encoding: "utf8" })).toMatch(/^v24\./);
  expect(resultOf(other, "Asia/Kathmandu")).toEqual(resultOf(process.execPath, "UTC"));
});
