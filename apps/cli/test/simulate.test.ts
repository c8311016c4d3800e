import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./memory-console.ts";

const STREET = fileURLToPath(new URL("../../../simulations/street-20.yaml", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-simulate-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Every file of a result, the manifest without its start. */
function contentOf(directory: string): Record<string, string> {
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  const withoutStart = (text: string): string => text.replace(/"startedAt": "[^"]*"/, "");
  return Object.fromEntries(readdirSync(directory).map((name) => [name, withoutStart(read(name))]));
}

async function runStreet(name: string, seed: number): Promise<Record<string, string>> {
  const out = join(folder, name);
  expect(await runCommand(["simulate", STREET, "--seed", String(seed), "--out", out, "--quiet"])).toMatchObject({
    exitCode: 0,
    err: "",
  });
  return contentOf(out);
}

describe("micromarket simulate", () => {
  test("same seed, same bytes; another seed, another street", async () => {
    const first = await runStreet("first", 7);
    expect(Object.keys(first).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      "bills.csv",
      "kpis.json",
      "manifest.json",
      "quality.json",
      "slots.csv",
      "trades.csv",
    ]);
    expect(await runStreet("second", 7)).toEqual(first);
    expect(await runStreet("second", 8)).not.toEqual(first);
  });

  test("--json prints what kpis.json holds", async () => {
    const { out } = await runCommand(["simulate", STREET, "--seed", "7", "--json", "--quiet"]);
    const kept = await runStreet("first", 7);
    expect(out).toBe(kept["kpis.json"]);
  });

  test("says what it does on standard error and prints a table", async () => {
    const { out, err } = await runCommand(["simulate", STREET]);
    expect(err).toContain("street-20: 20 homes, 96 slots, seed 1");
    expect(out).toContain("self-consumption");
    expect(out).toContain("EUR");
  });

  test("a tree of markets: local prices by level, the same bytes twice", async () => {
    const tree = join(folder, "tree.yaml");
    const grid = `grid:
  levels: [district, street, house]
  nodes:
    - { id: district }
    - { id: "street-{n}", each: { from: 1, to: 2 }, parent: district, exportLimit: 6 kW, feeIn: 0.02 EUR/kWh }
    - { id: "{parent}/{n}", each: { from: 1, to: 5 }, parent: "street-{n}", loss: 1 %, homes: 2 }
  islanding: { random: { probability: 1 % } }
`;
    writeFileSync(tree, readFileSync(STREET, "utf8").replace("pvReserve: feed-in", "pvReserve: 0.01 EUR/kWh") + grid);
    const outs = ["tree-1", "tree-2"].map((name) => join(folder, name));
    const runs = [];
    for (const out of outs) runs.push(await runCommand(["simulate", tree, "--seed", "3", "--out", out]));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs[0]?.err).toContain("20 homes in 13 markets on 3 levels, 96 slots, seed 3");
    expect(runs[0]?.out).toMatch(/local price, EUR\/kWh[^]*street \(2\)[^]*house \(10\)[^]*rent/);
    const [first, second] = outs.map(contentOf);
    expect(Object.keys(first ?? {})).toEqual(expect.arrayContaining(["levels.csv", "nodes.csv", "ties.csv"]));
    expect(second).toEqual(first);
    const json = await runCommand(["simulate", tree, "--seed", "3", "--json", "--quiet"]);
    expect(json.out).toBe(first?.["kpis.json"]);
  });

  test("a broken scenario: where, what, how to mend; nothing is written", async () => {
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, readFileSync(STREET, "utf8").replace("currency:", "curency:"));
    const out = join(folder, "never");
    const { exitCode, err } = await runCommand(["simulate", broken, "--out", out]);
    expect(exitCode).toBe(3);
    expect(err).toMatch(/broken\.yaml:\d+:\d+: .*curency.* — .*currency/);
    expect(existsSync(out)).toBe(false);
  });

  test("a folder that holds other things is not touched", async () => {
    const out = mkdtempSync(join(folder, "other-"));
    writeFileSync(join(out, "letters.txt"), "dear");
    const { exitCode, err } = await runCommand(["simulate", STREET, "--out", out, "--quiet"]);
    expect(exitCode).toBe(3);
    expect(err).toContain("no earlier result");
    expect(readdirSync(out)).toEqual(["letters.txt"]);
  });
});
