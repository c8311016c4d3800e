import { describe, expect, test } from "@jest/globals";
import type { GridPlan } from "@micromarket/simulation";
import { scenarioHash } from "../src/scenario-hash.ts";
import { loadFiles, scenarioText } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

/** A scenario of `count` homes with a tree; `grid` is line 9. */
const text = (grid: string, count = 4): string =>
  scenarioText({ homes: `{ generate: { count: ${count} } }`, rest: `grid: ${grid}` });
const plan = (grid: string, count = 4, files: Readonly<Record<string, string>> = {}): GridPlan => {
  const { scenario } = valueOf(loadFiles({ "scenario.yaml": text(grid, count), ...files }));
  if (scenario.grid === undefined) throw new Error("the scenario has a tree");
  return scenario.grid;
};

describe("a tree", () => {
  test("of many nodes and homes is said in a few lines", () => {
    const grid = plan(
      `
  levels: [district, street, house]
  nodes:
    - { id: district, homes: [home-2] }
    - { id: "street-{n}", each: { from: 1, to: 2 }, parent: district }
    - { id: "{parent}/{n}", each: { from: 1, to: 3 }, parent: "street-{n}", homes: 2 }
    - { id: shop, parent: street-2, homes: 1 }
`,
      14,
    );
    expect(grid.nodes.map(({ name, parent, level }) => [name, parent, level])).toEqual([
      ["district", null, 0],
      ["street-1", "district", 1],
      ["street-2", "district", 1],
      ...[1, 2, 3].map((n) => [`street-1/${n}`, "street-1", 2]),
      ...[1, 2, 3].map((n) => [`street-2/${n}`, "street-2", 2]),
      ["shop", "street-2", 2],
    ]);
    expect(grid.places).toEqual([3, 0, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9]);
    expect(grid).toMatchObject({ levels: ["district", "street", "house"], positionSteps: null, membersMin: 0 });
  });

  test("has ties whose limits, fees and losses may change from slot to slot", () => {
    const grid = plan(
      `
  positionSteps: 64
  membersMin: 3
  nodes:
    - { id: top, homes: 4 }
    - { id: open, parent: top }
    - id: tight
      parent: top
      importLimit: { otherwise: 4 kW, windows: [ { from: "00:15", to: "00:30", limit: 0.5 kWh } ] }
      exportLimit: { file: ties.csv, column: limit, unit: kW, step: 30m }
      feeIn: 0.02 EUR/kWh
      feeOut: { file: ties.csv, column: fee, unit: EUR/MWh }
      loss: { file: ties.csv, column: loss, unit: "%" }
`,
      4,
      { "ties.csv": "limit,fee,loss\n1,-1,0\n2.5,2,1.5\n9,3,0.25\n9,4,90\n" },
    );
    const [top, open, tight] = grid.nodes;
    expect([top?.ties, grid.positionSteps, grid.membersMin]).toEqual([[], 64, 3]);
    const none = { importLimit: null, exportLimit: null, feeIn: 0, feeOut: 0, loss: 0 };
    expect(open?.ties).toEqual([none, none, none, none]);
    expect(tight?.ties).toEqual([
      { importLimit: 1_000, exportLimit: 250, feeIn: 20_000, feeOut: -1_000, loss: 0 },
      { importLimit: 500, exportLimit: 250, feeIn: 20_000, feeOut: 2_000, loss: 15_000 },
      { importLimit: 1_000, exportLimit: 625, feeIn: 20_000, feeOut: 3_000, loss: 2_500 },
      { importLimit: 1_000, exportLimit: 625, feeIn: 20_000, feeOut: 4_000, loss: 900_000 },
    ]);
  });

  test("has islands, as listed and as drawn from the seed", () => {
    const nodes = "nodes: [ { id: top, homes: 4 }, { id: 's{n}', each: { from: 1, to: 2 }, parent: top } ]";
    const list = "list: [ { node: s1, slots: { from: 2, to: 3 } }, { node: 's{n}', slots: { from: 4, to: 4 } } ]";
    const islands = (words: string): string[] =>
      plan(`{ ${nodes}, islanding: { ${words} } }`).nodes.map(({ ties }) =>
        ties.map((tie) => (tie ? "x" : "-")).join(""),
      );
    expect(islands(list)).toEqual(["", "x---", "xxx-"]);
    expect(islands("random: { probability: 100 % }")).toEqual(["", "----", "----"]);
    const drawn = islands("random: { probability: 40 %, slots: 2 }");
    expect(drawn).toEqual(islands("random: { probability: 40 %, slots: 2 }"));
    expect(drawn.join("")).toMatch(/--/);
    expect(drawn.join("")).toMatch(/x/);
  });

  test("has homes whose load bids what each of them draws", () => {
    const bids = (words: string): unknown => plan(`{ nodes: [ { id: top, homes: 4 } ], ${words} }`).loadBids;
    expect(bids("")).toBeNull();
    expect(bids("loadBids: { from: 0.4 EUR/kWh, to: 0.4 EUR/kWh }")).toEqual([400_000, 400_000, 400_000, 400_000]);
    expect(new Set(bids("loadBids: { from: 0.1 EUR/kWh, to: 0.9 EUR/kWh }") as number[]).size).toBe(4);
  });

  test("is part of the scenario's hash", () => {
    const hash = (grid: string): string => scenarioHash(valueOf(loadFiles({ "scenario.yaml": text(grid) })).scenario);
    const nodes = (tie: string): string => `{ nodes: [ { id: top, homes: 4 }, { id: s, parent: top, ${tie} } ] }`;
    expect(hash(nodes("loss: 1 %"))).toBe(hash(nodes("loss: 1.00 %, feeIn: 0 EUR/kWh")));
    expect(hash(nodes("loss: 1 %"))).not.toBe(hash(nodes("loss: 1.01 %")));
    expect(hash("{ nodes: [ { id: top, homes: 4 } ] }")).not.toBe(hash("{ nodes: [ { id: tip, homes: 4 } ] }"));
  });
});

describe("a tree that is wrong is refused at its place, with what to do:", () => {
  const ROOT = "{ id: top, homes: 4 }";
  const nodes = (...more: readonly string[]): string => `{ nodes: [ ${[ROOT, ...more].join(", ")} ] }`;
  const islanding = (words: string): string => `{ nodes: [ ${ROOT}, { id: s, parent: top } ], islanding: ${words} }`;
  const bids = (words: string): string => `{ nodes: [ ${ROOT} ], loadBids: ${words} }`;
  /** What is wrong stands at the place that begins with `at`. */
  test.each<[grid: string, code: string, at: string, what: string]>([
    ["{ nodes: [] }", "VALUE_OUT_OF_RANGE", "[] }", "nodes"],
    [nodes("{ id: s, parent: top, importlimit: 4 kW }"), "UNKNOWN_KEY", "importlimit", "importLimit"],
    [nodes("{ id: s, parent: top, importLimit: 4 }"), "UNIT_MISSING", "4 } ]", "without a unit"],
    [nodes("{ id: s, parent: top, importLimit: -4 kW }"), "LIMIT_OUT_OF_RANGE", "-4 kW", "a limit of -4 kW"],
    [nodes("{ id: s, parent: top, exportLimit: 9999 MWh }"), "LIMIT_OUT_OF_RANGE", "9999 MWh", "1 GWh"],
    [nodes("{ id: s, parent: top, feeIn: 2 USD/kWh }"), "UNIT_WRONG", "2 USD", "USD/kWh"],
    [nodes("{ id: s, parent: top, feeIn: 2000000 EUR/kWh }"), "FEE_OUT_OF_RANGE", "2000000", "a million"],
    [nodes("{ id: s, parent: top, loss: 91 % }"), "LOSS_OUT_OF_RANGE", "91 %", "above 90 %"],
    [nodes("{ id: s, parent: top, loss: 0.00001 % }"), "NUMBER_TOO_PRECISE", "0.00001", "more than the 4 digits"],
    [nodes("{ id: s, parent: topp }"), "PARENT_UNKNOWN", "topp", '"top"'],
    [nodes("{ id: s, parent: zz }"), "PARENT_UNKNOWN", "zz", "name an earlier node"],
    [nodes("{ id: s }"), "ROOT_NOT_FIRST", "{ id: s", "has no parent"],
    ["{ nodes: [ { id: s, parent: top, homes: 4 } ] }", "ROOT_NOT_FIRST", "{ id: s", "the root is to be first"],
    ["{ nodes: [ { id: top, homes: 4, loss: 1 % } ] }", "ROOT_MISFIT", "1 %", "the root has loss"],
    ["{ nodes: [ { id: 't{n}', homes: 4, each: { from: 1, to: 2 } } ] }", "ROOT_MISFIT", "{ from", "the root has each"],
    [nodes("{ id: top, parent: top }"), "NODE_TWICE", "top, parent", '"top" is taken'],
    [nodes("{ id: home-1, parent: top }"), "NODE_TWICE", "home-1", '"home-1" is taken'],
    [nodes("{ id: supplier, parent: top }"), "NODE_TWICE", "supplier", '"supplier" is taken'],
    [nodes("{ id: s, each: { from: 1, to: 2 }, parent: top }"), "NODE_TWICE", "s, each", '"s" is taken'],
    [nodes('{ id: " ", parent: top }'), "IDENTIFIER_MALFORMED", '" ", parent', "cannot name"],
    [nodes("{ id: s, each: { from: 2, to: 1 }, parent: top }"), "NO_NODES", "{ from", "makes no node"],
    [
      nodes(
        "{ id: 's{n}', each: { from: 1, to: 2 }, parent: top }",
        "{ id: 's{n}', each: { from: 3, to: 4 }, parent: s1 }",
      ),
      ...(["ENTRY_TWICE", "'s{n}', each: { from: 3", "another entry"] as const),
    ],
    [
      nodes(
        "{ id: 's{n}', each: { from: 1, to: 400 }, parent: top }",
        "{ id: '{parent}/{n}', each: { from: 1, to: 400 }, parent: 's{n}' }",
      ),
      ...(["NODES_TOO_MANY", "{ id: '{parent}", "160401 nodes"] as const),
    ],
    ["{ nodes: [ { id: top, homes: 3 } ] }", "HOMES_UNPLACED", "[ { id", '1 home has no node: "home-4"'],
    ["{ nodes: [ { id: top, homes: 1 } ] }", "HOMES_UNPLACED", "[ { id", '3 homes have no node, "home-2" the first'],
    ["{ nodes: [ { id: top, homes: 5 } ] }", "HOMES_TOO_FEW", "5 } ]", "the 4 homes"],
    ["{ nodes: [ { id: top, homes: [home-5] } ] }", "HOME_UNKNOWN", "home-5", '"home-5"'],
    ["{ nodes: [ { id: top, homes: [home-1, home-1] } ] }", "HOME_PLACED_TWICE", "home-1] }", '"home-1"'],
    [`{ levels: [one], nodes: [ ${ROOT}, { id: s, parent: top } ] }`, "LEVELS_MISCOUNTED", "[one]", "the tree has 2"],
    [bids("{ from: 0.5 EUR/kWh, to: 0.4 EUR/kWh }"), "BIDS_REVERSED", "{ from", "bids from 0.5"],
    [bids("{ from: 0.5 EUR/kWh, to: 1.5 EUR/kWh }"), "PRICE_OUT_OF_BAND", "1.5", "above the price cap"],
    [bids("{ from: 0.5 EUR/kWh, to: 1 USD/kWh }"), "UNIT_WRONG", "1 USD", "USD"],
    [islanding("{}"), "VALUE_OUT_OF_RANGE", "{} }", "islanding"],
    [islanding("{ list: [ { node: t, slots: { from: 1, to: 1 } } ] }"), "ISLAND_UNKNOWN", "t, slots", '"t"'],
    [
      islanding("{ list: [ { node: top, slots: { from: 1, to: 1 } } ] }"),
      "ISLAND_UNKNOWN",
      "top, slots",
      "is the root",
    ],
    [islanding("{ list: [ { node: s, slots: { from: 2, to: 1 } } ] }"), "SLOTS_OUT_OF_RANGE", "{ from", "slots 2 to 1"],
    [islanding("{ list: [ { node: s, slots: { from: 1, to: 5 } } ] }"), "SLOTS_OUT_OF_RANGE", "{ from", "of 4"],
    [islanding("{ random: { probability: 101 % } }"), "SHARE_OUT_OF_RANGE", "101 %", "101 %"],
    [islanding("{ random: { probability: 1.00001 % } }"), "NUMBER_TOO_PRECISE", "1.00001", "4 digits"],
  ])("%s: %s", (grid, code, at, what) => {
    const source = text(grid);
    const loaded = loadFiles({ "scenario.yaml": source });
    const problems = loaded.ok ? [] : loaded.error;
    const places = problems.map(({ line, column, code: found }) => {
      const there = source.split("\n")[line - 1]?.slice(column - 1) ?? "";
      return `${found} at ${there.startsWith(at) ? at : there}`;
    });
    expect(places).toEqual([`${code} at ${at}`]);
    expect(`${problems[0]?.what} — ${problems[0]?.mend}`).toContain(what);
  });

  test("more bids than can be drawn from", () => {
    const grid = "{ nodes: [ { id: top, homes: 4 } ], loadBids: { from: 0 EUR/kWh, to: 9000 EUR/kWh } }";
    const market = "{ currency: EUR, priceCap: 9000 EUR/kWh }";
    const words = { homes: "{ generate: { count: 4 } }", rest: `grid: ${grid}`, market };
    const loaded = loadFiles({ "scenario.yaml": scenarioText(words) });
    expect(loaded.ok ? [] : loaded.error.map(({ code }) => code)).toEqual(["BIDS_TOO_WIDE"]);
    const coarse = scenarioText({ ...words, market: market.replace(" }", ", tick: 0.01 EUR/kWh }") });
    expect(loadFiles({ "scenario.yaml": coarse }).ok).toBe(true);
  });

  test("a column of limits with a negative value", () => {
    const grid = nodes("{ id: s, parent: top, importLimit: { file: t.csv, column: limit, unit: kW } }");
    const loaded = loadFiles({ "scenario.yaml": text(grid), "t.csv": "limit\n1\n-1\n1\n1\n" });
    expect(loaded.ok ? [] : loaded.error.map(({ code }) => code)).toEqual(["LIMIT_OUT_OF_RANGE"]);
  });
});
