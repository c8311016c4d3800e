import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { instantMs, partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { runScenario, runTreeSlots } from "@micromarket/simulation";
import { jsonDocument, withWireNames } from "../src/json-document.ts";
import type { ProgramIdentity } from "../src/program-identity.ts";
import { openResultDirectory, type ResultDirectory, type RunRecord } from "../src/result-directory.ts";
import type { OutputChoice } from "../src/scenario-schema.ts";
import { loadFiles, scenarioText } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-results-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const PROGRAM: ProgramIdentity = { version: "1.2.3", commit: null, dirty: null };

function open(out: string, tables?: OutputChoice): ResultDirectory {
  const opened = openResultDirectory(out, tables);
  if (!opened.ok) throw new Error(opened.error.what);
  return opened.value;
}

/** Runs a small street into `out`. */
function run(out: string, startedAt = 0, tables?: OutputChoice): ReturnType<ResultDirectory["finish"]> {
  const text = scenarioText({
    homes: "{ generate: { count: 3, pvShare: 100 % } }",
    horizon: "{ days: 1 }",
    start: "2026-07-01T00:00Z",
  });
  const { scenario, inputs, report } = valueOf(loadFiles({ "scenario.yaml": text }));
  const directory = open(out, tables);
  const { bills, kpis, checks, stateHash } = runScenario(scenario, directory);
  const record: RunRecord = {
    ...{ bills, kpis, checks, stateHash, scenario, inputs, report, program: PROGRAM, scenarioFile: "scenario.yaml" },
    ...{ parameters: { mechanism: "uniform" }, startedAt: instantMs(startedAt) },
  };
  return directory.finish(record);
}

const contents = (out: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(out)
      .sort()
      .map((name) => [name, readFileSync(join(out, name), "utf8")]),
  );

const SLOT = {
  slot: instantMs(0),
  ...{ price: null, intervalLow: null, intervalHigh: priceMicro(-5), tariff: priceMicro(3), feedIn: priceMicro(1) },
  ...{ cleared: wattHours(0), local: wattHours(0), load: wattHours(0), pv: wattHours(0) },
  ...{ gridImport: wattHours(0), gridExport: wattHours(0), deviation: wattHours(0) },
};

describe("a result", () => {
  test("is tables, figures, quality and a manifest that hashes them", () => {
    const out = join(folder, "out");
    const files = run(out, Date.UTC(2026, 10, 21));
    expect(files.ok && files.value.map(({ file }) => file)).toEqual([
      ...["slots.csv", "trades.csv", "bills.csv", "kpis.json", "quality.json", "manifest.json"],
    ]);
    const written = contents(out);
    const manifest = JSON.parse(written["manifest.json"] ?? "") as {
      outputs: { file: string; sha256: string; bytes: number }[];
    };
    expect(manifest).toMatchObject({
      ...{ format: "micromarket-results/1", program: PROGRAM, seed: 1, parameters: { mechanism: "uniform" } },
      scenario: { name: "test", file: "scenario.yaml", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      inputs: [{ path: "scenario.yaml", bytes: expect.any(Number), sha256: expect.any(String) }],
      startedAt: "2026-11-21T00:00Z",
    });
    for (const { file, sha256, bytes } of manifest.outputs) {
      const text = written[file] ?? "";
      expect([file, sha256, bytes]).toEqual([
        file,
        createHash("sha256").update(text).digest("hex"),
        Buffer.byteLength(text),
      ]);
    }
    expect(manifest.outputs).toHaveLength(5);
  });

  test("has units in its columns and UTC in its times", () => {
    run(join(folder, "out"));
    const written = contents(join(folder, "out"));
    const head = (name: string): string | undefined => written[name]?.split("\n", 1)[0];
    expect(head("slots.csv")).toBe(
      "slot,price_micro_per_kwh,interval_low_micro_per_kwh,interval_high_micro_per_kwh,tariff_micro_per_kwh,feed_in_micro_per_kwh," +
        "cleared_wh,local_wh,load_wh,pv_wh,grid_import_wh,grid_export_wh,deviation_wh",
    );
    expect(head("trades.csv")).toBe("slot,buy,sell,buyer,seller,energy_wh,price_micro_per_kwh,amount_nano");
    expect(head("bills.csv")).toBe(
      "party,load_wh,pv_wh,self_consumed_wh,local_bought_wh,local_sold_wh,imported_wh,exported_wh," +
        "bill_alone_amount_nano,bill_market_amount_nano,saving_amount_nano",
    );
    expect(written["slots.csv"]?.split("\n")).toHaveLength(1 + 96 + 1);
    expect(written["slots.csv"]?.split("\n")[1]).toMatch(/^2026-07-01T00:00Z,/);
    expect(JSON.parse(written["kpis.json"] ?? "")).toMatchObject({
      energy: { load_wh: expect.any(Number) },
      identities_held: { BILLS_SUM_TO_ZERO: 1, LEDGER_SUMS_TO_ZERO: 2 },
    });
  });

  test("is the same to the byte a second time, but for one value", () => {
    run(join(folder, "a"), 1);
    run(join(folder, "b"), 2_000);
    const [a, b] = [contents(join(folder, "a")), contents(join(folder, "b"))];
    const line = '  "startedAt": "1970-01-01T00:00:00.001Z"\n';
    expect(a["manifest.json"]).toContain(line);
    expect({
      ...a,
      "manifest.json": a["manifest.json"]?.replace(line, '  "startedAt": "1970-01-01T00:00:02Z"\n'),
    }).toEqual(b);
    expect(Object.values(a).join("")).not.toContain(folder);
  });

  test("leaves out the tables that nobody wants", () => {
    run(join(folder, "out"), 0, { slots: false, trades: false, bills: false, nodes: false });
    expect(readdirSync(join(folder, "out")).sort()).toEqual(["kpis.json", "manifest.json", "quality.json"]);
  });

  test("escapes what would break a table, and writes an empty cell for no value", () => {
    const directory = open(join(folder, "out"));
    directory.slot(SLOT);
    const trade = { slot: instantMs(0), energy: wattHours(7), price: priceMicro(-3) };
    directory.trade({
      ...trade,
      buy: tenderId('a,"b"'),
      sell: tenderId("s"),
      buyer: partyId("Müller"),
      seller: partyId("x"),
    });
    const { ok } = finishEmpty(directory);
    expect(ok).toBe(true);
    const written = contents(join(folder, "out"));
    expect(written["slots.csv"]?.split("\n")[1]).toBe("1970-01-01T00:00Z,,,-5,3,1,0,0,0,0,0,0,0");
    expect(written["trades.csv"]?.split("\n")[1]).toBe('1970-01-01T00:00Z,"a,""b""",s,Müller,x,7,-3,-21');
  });

  test("of many rows is streamed in chunks that join", () => {
    const directory = open(join(folder, "out"));
    for (let slot = 0; slot < 2_500; slot++) directory.slot({ ...SLOT, slot: instantMs(slot * 900_000) });
    finishEmpty(directory);
    const lines = contents(join(folder, "out"))["slots.csv"]?.trimEnd().split("\n") ?? [];
    expect(lines).toHaveLength(2_501);
    expect(new Set(lines).size).toBe(2_501);
  });
});

/** Ends a directory with the record of some other run. */
function finishEmpty(directory: ResultDirectory): ReturnType<ResultDirectory["finish"]> {
  const { scenario, inputs, report } = valueOf(loadFiles({ "scenario.yaml": scenarioText() }));
  const { bills, kpis, checks, stateHash } = runScenario(scenario, { slot: () => undefined, trade: () => undefined });
  const rest = { program: PROGRAM, scenarioFile: "s", parameters: {}, startedAt: instantMs(0) };
  return directory.finish({ bills, kpis, checks, stateHash, scenario, inputs, report, ...rest });
}

describe("the place of a result", () => {
  test("is made with its parents, and gone with them after an abort in the middle", () => {
    const directory = open(join(folder, "deep/er/out"));
    for (let slot = 0; slot < 1_500; slot++) directory.slot(SLOT);
    expect(readdirSync(join(folder, "deep/er"))).toHaveLength(1);
    directory.abort();
    directory.abort();
    expect(readdirSync(folder)).toEqual([]);
    expect(() => {
      directory.slot(SLOT);
    }).toThrow("takes no more rows");
  });

  test("keeps what stood there until the very end", () => {
    const out = join(folder, "out");
    run(out, 1);
    const before = contents(out);
    const directory = open(out);
    directory.slot(SLOT);
    expect(contents(out)).toEqual(before);
    directory.abort();
    expect(contents(out)).toEqual(before);
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  test("is left clean when the program ends in the middle", () => {
    const before = process.listeners("exit");
    open(join(folder, "out")).slot(SLOT);
    const added = process.listeners("exit").filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    added[0]?.(130);
    expect(readdirSync(folder)).toEqual([]);
    expect(process.listeners("exit")).toEqual(before);
  });

  test("is left clean when writing fails", () => {
    const directory = open(join(folder, "out"));
    const broken = { ...SLOT, slot: instantMs(Number.MAX_SAFE_INTEGER) }; // no date
    expect(() => {
      directory.slot(broken);
    }).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is replaced when it is empty or holds an earlier result, through a link as well", () => {
    const out = join(folder, "out");
    mkdirSync(out);
    expect(run(out, 1).ok).toBe(true);
    expect(run(out, 2, { slots: true, trades: false, bills: false, nodes: false }).ok).toBe(true);
    expect(readdirSync(out).sort()).toEqual(["kpis.json", "manifest.json", "quality.json", "slots.csv"]);
    symlinkSync(out, join(folder, "link"));
    expect(run(join(folder, "link"), 3).ok).toBe(true);
    expect(contents(out)["manifest.json"]).toContain("00.003Z");
    expect(readdirSync(folder).sort()).toEqual(["link", "out"]);
  });

  test.each<[string, (out: string) => void, string]>([
    [
      "a file",
      (out) => {
        writeFileSync(out, "x");
      },
      "OUT_IS_FILE",
    ],
    [
      "somebody's folder",
      (out) => {
        mkdirSync(out);
        writeFileSync(join(out, "thesis.txt"), "x");
      },
      "OUT_NOT_OURS",
    ],
    [
      "a foreign manifest",
      (out) => {
        mkdirSync(out);
        writeFileSync(join(out, "manifest.json"), '{"name": "app"}');
      },
      "OUT_NOT_OURS",
    ],
    [
      "notes beside a result",
      (out) => {
        run(out);
        writeFileSync(join(out, "notes.txt"), "x");
      },
      "OUT_HOLDS_OTHERS",
    ],
  ])("is refused where it is %s", (_name, prepare, code) => {
    const out = join(folder, "out");
    prepare(out);
    const opened = openResultDirectory(out);
    expect(opened.ok ? "" : opened.error.code).toBe(code);
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  test("is refused at the end as well, and nothing is lost", () => {
    const out = join(folder, "out");
    const directory = open(out);
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "x");
    const finished = finishEmpty(directory);
    expect(finished.ok ? "" : finished.error.code).toBe("OUT_NOT_OURS");
    expect(contents(out)).toEqual({ "thesis.txt": "x" });
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  test("below a file is refused", () => {
    writeFileSync(join(folder, "file"), "x");
    const opened = openResultDirectory(join(folder, "file/out"));
    expect(opened.ok ? "" : opened.error.code).toBe("OUT_UNWRITABLE");
    expect(existsSync(join(folder, "file"))).toBe(true);
  });
});

describe("JSON of results", () => {
  test("has money as text, figures as numbers, and no floats", () => {
    const value = {
      amountNano: -12345678901234567890n,
      share: "0.339123",
      name: "7up",
      none: null,
      list: [1, true],
      empty: {},
    };
    expect(jsonDocument(withWireNames(value), { figures: true })).toBe(
      '{\n  "amount_nano": "-12345678901234567890",\n  "share": 0.339123,\n  "name": "7up",\n  "none": null,\n' +
        '  "list": [\n    1,\n    true\n  ],\n  "empty": {}\n}\n',
    );
    expect(jsonDocument(["1.5"], { figures: false })).toBe('[\n  "1.5"\n]\n');
    expect(() => jsonDocument(0.1, { figures: true })).toThrow("a float in a result");
    expect(() => jsonDocument({ x: undefined }, { figures: true })).toThrow("undefined has no JSON");
  });
});

test("a tree leaves levels, nodes and ties instead of slots and trades", () => {
  const text = scenarioText({
    homes: "{ generate: { count: 4, pvShare: 100 % } }",
    horizon: "{ slots: 8 }",
    start: "2026-07-01T10:00Z",
    rest: `grid:
  levels: [district, street]
  nodes: [ { id: district }, { id: "street-{n}", each: { from: 1, to: 2 }, parent: district, homes: 2, loss: 1 % } ]`,
  });
  const { scenario, inputs, report } = valueOf(loadFiles({ "scenario.yaml": text }));
  const out = join(folder, "tree");
  const opened = openResultDirectory(out, undefined, true);
  if (!opened.ok) throw new Error(opened.error.what);
  const slots = runTreeSlots(scenario, opened.value);
  let step = slots.next();
  while (step.done !== true) step = slots.next();
  const { bills, kpis, nodes, checks, stateHash } = step.value;
  const finished = opened.value.finish({
    ...{ bills, kpis, nodes, checks, stateHash, scenario, inputs, report, program: PROGRAM, scenarioFile: "s.yaml" },
    ...{ parameters: {}, startedAt: instantMs(0) },
  });
  expect(finished.ok).toBe(true);
  const lines = (name: string): string[] => readFileSync(join(out, name), "utf8").trimEnd().split("\n");
  expect(readdirSync(out).sort()).toEqual([
    ...["bills.csv", "kpis.json", "levels.csv", "manifest.json", "nodes.csv", "quality.json", "ties.csv"],
  ]);
  expect(
    [lines("levels.csv"), lines("nodes.csv"), lines("ties.csv"), lines("bills.csv")].map((all) => all.length),
  ).toEqual([1 + 8 * 2, 1 + 8 * 3, 1 + 3, 1 + 4]);
  expect(lines("levels.csv")[2]).toMatch(/^2026-07-01T10:00Z,street,2,\d+,\d+,\d+,80000,/);
  expect(lines("ties.csv")[3]).toMatch(/^street-2,district,street,/);
  const figures = JSON.parse(readFileSync(join(out, "kpis.json"), "utf8")) as Record<string, unknown>;
  expect(figures).toMatchObject({
    levels: [
      { level: "district", nodes: 1, rows: 8 },
      { level: "street", nodes: 2, rows: 16, import_binds: 0 },
    ],
    identities_held: { TREE_MONEY_BALANCES: 8 },
  });
});
