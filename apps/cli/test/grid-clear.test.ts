import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { runCommand } from "./memory-console.ts";

interface Answer {
  readonly surplus: number;
  readonly cost?: number;
  readonly quantity: number;
  readonly nodes: readonly {
    readonly id: string | number;
    readonly price: number | null;
    readonly priceInterval: readonly [number | null, number | null];
    readonly netImport: number;
    readonly parts: { energy: number; congestion: number; loss: number; fee: number } | null;
  }[];
  readonly lines: readonly {
    readonly from: string | number;
    readonly to: string | number;
    readonly flow: number;
    readonly shadowPrice: number;
    readonly fee: number;
    readonly loss: number;
    readonly rent: number;
  }[];
  readonly fills: readonly { readonly id: string; readonly quantity: number; readonly price: number }[];
}

async function clear(network: unknown): Promise<Answer> {
  const { exitCode, out, err } = await runCommand(["grid", "clear", "-"], JSON.stringify(network));
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as Answer;
}

async function complaintsOf(network: unknown): Promise<string> {
  const { exitCode, out, err } = await runCommand(["grid", "clear"], JSON.stringify(network));
  expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
  return err;
}

function load(id: string, node: number, quantity: number): unknown {
  return { id, node, side: "buy", price: null, quantity };
}

function generator(id: string, node: number, quantity: number, price: number): unknown {
  return { id, node, side: "sell", price, quantity };
}

/** F. Li and R. Bo, "Small Test Systems for Power System Economic Studies", IEEE PES General Meeting 2010. */
const PJM_5_BUS = {
  model: "dc",
  baseMva: 100,
  buses: [1, 2, 3, 4, 5],
  lines: [
    { from: 1, to: 2, x: 0.0281, limit: 400 },
    { from: 1, to: 4, x: 0.0304 },
    { from: 1, to: 5, x: 0.0064 },
    { from: 2, to: 3, x: 0.0108 },
    { from: 3, to: 4, x: 0.0297 },
    { from: 4, to: 5, x: 0.0297, limit: 240 },
  ],
  orders: [
    generator("alta", 1, 40, 14),
    generator("park-city", 1, 170, 15),
    generator("solitude", 3, 520, 30),
    generator("sundance", 4, 200, 40),
    generator("brighton", 5, 600, 10),
    ...[2, 3, 4].map((bus) => load(`load-${bus}`, bus, 300)),
  ],
};

/** D. Kirschen and G. Strbac, Fundamentals of Power System Economics, Wiley 2004, chapter 6: the three-bus example. */
const KIRSCHEN_STRBAC_3_BUS = {
  model: "dc",
  buses: ["1", "2", "3"],
  lines: [
    { from: "1", to: "2", x: 0.2, limit: 126 },
    { from: "1", to: "3", x: 0.2, limit: 250 },
    { from: "2", to: "3", x: 0.1, limit: 130 },
  ],
  orders: [
    { id: "A", node: "1", side: "sell", price: 7.5, quantity: 140 },
    { id: "B", node: "1", side: "sell", price: 6, quantity: 285 },
    { id: "C", node: "2", side: "sell", price: 14, quantity: 90 },
    { id: "D", node: "3", side: "sell", price: 10, quantity: 85 },
    { id: "L1", node: "1", side: "buy", price: null, quantity: 50 },
    { id: "L2", node: "2", side: "buy", price: null, quantity: 60 },
    { id: "L3", node: "3", side: "buy", price: null, quantity: 300 },
  ],
};

describe("micromarket grid clear, model dc", () => {
  test("PJM's five buses have the published nodal prices", async () => {
    const answer = await clear(PJM_5_BUS);
    const prices = [16.977, 26.384, 30, 39.943, 10];
    for (const [at, price] of prices.entries()) expect(answer.nodes[at]?.price).toBeCloseTo(price, 3);
    expect(answer.nodes.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(answer.lines.at(-1)).toMatchObject({ from: 4, to: 5, flow: -240 });
    expect(answer.lines.filter(({ shadowPrice }) => shadowPrice > 0)).toHaveLength(1);
    const rent = answer.lines.reduce((sum, line) => sum + line.rent, 0);
    expect(rent).toBeCloseTo(240 * (answer.lines.at(-1)?.shadowPrice ?? 0), 1);
  });

  test("Kirschen and Strbac's three buses have the book's prices and cost", async () => {
    const answer = await clear(KIRSCHEN_STRBAC_3_BUS);
    expect(answer.nodes.map(({ id, price }) => [id, price])).toEqual([
      ["1", 7.5],
      ["2", 11.25],
      ["3", 10],
    ]);
    expect(answer.cost).toBe(2_835);
    expect(answer.lines.map(({ flow }) => flow)).toEqual([126, 159, 66]);
    expect(answer.fills.find(({ id }) => id === "D")?.quantity).toBe(75);
  });

  test("what must run and cannot: the line and by how much", async () => {
    const network = {
      ...KIRSCHEN_STRBAC_3_BUS,
      lines: KIRSCHEN_STRBAC_3_BUS.lines.map((line) => ({ ...line, limit: 50 })),
    };
    const complaints = await complaintsOf(network);
    expect(complaints).toContain("NETWORK_INFEASIBLE");
    expect(complaints).toContain('orders that must run need the line from "1" to "3" to carry');
    expect(complaints).toContain("more than its limit of 50");
  });

  test("what must run beyond all supply: the bus and by how much", async () => {
    const network = {
      model: "dc",
      buses: [1, 2],
      lines: [{ from: 1, to: 2, x: 0.1 }],
      orders: [load("d", 2, 30), generator("g", 1, 20, 5)],
    };
    expect(await complaintsOf(network)).toContain("at bus 2 demand that must be met lacks 10");
  });

  test("parts that no line joins clear apart", async () => {
    const network = {
      model: "dc",
      buses: ["a", "b", "c"],
      lines: [{ from: "a", to: "b", x: 1 }],
      orders: [
        { id: "s", node: "a", side: "sell", price: 10, quantity: 5 },
        { id: "b", node: "b", side: "buy", price: 20, quantity: 3 },
        { id: "t", node: "c", side: "buy", price: 90, quantity: 3 },
      ],
    };
    const { fills, lines, nodes } = await clear(network);
    expect(nodes.map(({ price, parts }) => [price, parts])).toEqual([
      [10, { energy: 10, congestion: 0, loss: 0, fee: 0 }],
      [10, { energy: 10, congestion: 0, loss: 0, fee: 0 }],
      [null, null],
    ]);
    expect(nodes[2]).toMatchObject({ priceInterval: [90, null], netImport: 0 });
    expect(fills.map(({ id, quantity }) => [id, quantity])).toEqual([
      ["b", 3],
      ["s", 3],
    ]);
    expect(lines[0]).toMatchObject({ flow: 3, shadowPrice: 0, rent: 0 });
  });

  test("where nothing trades there is no price, as in a tree", async () => {
    const orders = [
      { id: "s", node: "a", side: "sell", price: 30, quantity: 5 },
      { id: "b", node: "b", side: "buy", price: 20, quantity: 3 },
    ];
    const lines = [{ from: "a", to: "b", x: 1, limit: 0 }];
    const mesh = await clear({ model: "dc", buses: ["a", "b"], lines, orders });
    const tree = await clear({ model: "tree", nodes: [{ id: "a" }, { id: "b", parent: "a" }], orders });
    for (const { nodes } of [mesh, tree]) expect(nodes).toMatchObject([{ price: null }, { price: null }]);
    for (const { nodes } of [mesh, tree]) expect(nodes).toMatchObject([{ parts: null }, { parts: null }]);
    expect(mesh).toMatchObject({ surplus: 0, quantity: 0, fills: [], lines: [{ flow: 0, shadowPrice: 0, rent: 0 }] });
  });

  test.each([
    ["a line to itself", { lines: [{ from: 1, to: 1, x: 1 }] }, "LINE_TO_ITSELF"],
    ["a reactance of 0", { lines: [{ from: 1, to: 2, x: 0 }] }, "REACTANCE_NOT_POSITIVE"],
    ["a negative limit", { lines: [{ from: 1, to: 2, x: 1, limit: -1 }] }, "LIMIT_NEGATIVE"],
    ["an unknown bus", { lines: [{ from: 1, to: 3, x: 1 }] }, "BUS_UNKNOWN"],
    ["a bus named twice", { buses: [1, 1] }, "BUS_DUPLICATE"],
    ["no bus", { buses: [] }, "BUSES_EMPTY"],
    ["an order nowhere", { orders: [load("d", 7, 1)] }, "BUS_UNKNOWN"],
  ])("refuses %s", async (_, change, code) => {
    const network = { model: "dc", buses: [1, 2], lines: [{ from: 1, to: 2, x: 1 }], orders: [] };
    expect(await complaintsOf({ ...network, ...change })).toContain(code);
  });
});

const STREET = {
  model: "tree",
  nodes: [
    { id: "root" },
    { id: "street", parent: "root", importLimit: 10, exportLimit: 8, feeIn: 0.02, feeOut: 0.01, loss: 0.0 },
  ],
};

describe("the README's networks", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const examples = [...readme.matchAll(/echo '(\{ "model"[^']*)' \|\n {2}micromarket grid clear/g)].map(
    ([, text]) => text,
  );

  test("clear as it says", async () => {
    const [tree, mesh] = await Promise.all(examples.map((text) => clear(JSON.parse(text ?? "") as unknown)));
    expect(examples).toHaveLength(2);
    expect(tree?.nodes).toMatchObject([
      { id: "district", price: 0.1 },
      { id: "street", price: 0.3, netImport: 10, parts: { energy: 0.1, congestion: 0.18, loss: 0, fee: 0.02 } },
    ]);
    expect(tree?.lines).toMatchObject([{ flow: -10, rent: 1.8 }]);
    expect(mesh?.nodes.map(({ price }) => price)).toEqual([10, 70, 40]);
    expect(mesh?.lines[0]).toMatchObject({ flow: 20, shadowPrice: 90 });
    expect(mesh?.fills.map(({ id, quantity }) => [id, quantity])).toEqual([
      ["cheap", 10],
      ["dear", 40],
      ["load", 50],
    ]);
    expect(mesh?.lines.reduce((sum, { rent }) => sum + rent, 0)).toBe(20 * 90);
  });
});

describe("micromarket grid clear, model tree", () => {
  test("inside the limit the price above and the fee make the local price", async () => {
    const answer = await clear({
      ...STREET,
      orders: [
        { id: "b1", node: "street", side: "buy", price: 0.3, quantity: 5 },
        { id: "s1", node: "root", side: "sell", price: 0.1, quantity: 50 },
      ],
    });
    expect(answer.nodes).toEqual([
      {
        id: "root",
        price: 0.1,
        priceInterval: [0.1, 0.1],
        netImport: 0,
        parts: { energy: 0.1, congestion: 0, loss: 0, fee: 0 },
      },
      {
        id: "street",
        price: 0.12,
        priceInterval: [null, 0.3],
        netImport: 5,
        parts: { energy: 0.1, congestion: 0, loss: 0, fee: 0.02 },
      },
    ]);
    expect(answer.lines).toMatchObject([
      { from: "street", to: "root", flow: -5, shadowPrice: 0, fee: 0.1, loss: 0, rent: 0 },
    ]);
    expect(answer.surplus).toBe(0.9); // 5 × (0.3 − 0.1) less the fee
  });

  test("at the limit the local price rises, and the difference is rent", async () => {
    const answer = await clear({
      ...STREET,
      orders: [
        { id: "b1", node: "street", side: "buy", price: 0.3, quantity: 15 },
        { id: "s1", node: "root", side: "sell", price: 0.1, quantity: 50 },
      ],
    });
    expect(answer.nodes[1]).toMatchObject({
      price: 0.3,
      netImport: 10,
      parts: { energy: 0.1, congestion: 0.18, fee: 0.02 },
    });
    expect(answer.lines[0]).toMatchObject({ flow: -10, shadowPrice: 0.18, fee: 0.2, rent: 1.8 });
  });

  test("losses are counted at the sending end, and the parts still add up", async () => {
    const answer = await clear({
      model: "tree",
      nodes: [{ id: "root" }, { id: "far", parent: "root", loss: 0.1, feeOut: 0.01 }],
      orders: [
        { id: "pv", node: "far", side: "sell", price: 0.05, quantity: 10 },
        { id: "load", node: "root", side: "buy", price: 0.4, quantity: 50 },
      ],
    });
    expect(answer.lines[0]).toMatchObject({ from: "far", to: "root", flow: 10, loss: 1, fee: 0.1, rent: 0 });
    expect(answer.nodes).toMatchObject([
      { id: "root", price: 0.4 },
      { id: "far", price: 0.35, netImport: -10, parts: { energy: 0.4, congestion: 0, loss: -0.04, fee: -0.01 } },
    ]);
    expect(answer.fills.map(({ quantity }) => quantity)).toEqual([9, 10]);
  });

  test("children that net out inside still show a price at the root", async () => {
    const answer = await clear({
      model: "tree",
      nodes: [{ id: "root" }, { id: "a", parent: "root" }],
      orders: [
        { id: "b", node: "a", side: "buy", price: 40, quantity: 5 },
        { id: "s", node: "a", side: "sell", price: 20, quantity: 5 },
      ],
    });
    expect(answer.nodes).toMatchObject([
      { price: 30, netImport: 0 },
      { price: 30, netImport: 0 },
    ]);
    expect(answer.quantity).toBe(5);
  });

  test.each([
    ["two roots", { nodes: [{ id: "a" }, { id: "b" }] }, "ROOT_NOT_ONE"],
    [
      "a circle",
      {
        nodes: [
          { id: "a", parent: "b" },
          { id: "b", parent: "a" },
        ],
      },
      "TREE_CYCLIC",
    ],
    ["no node", { nodes: [] }, "NODES_EMPTY"],
    ["a name twice", { nodes: [{ id: "a" }, { id: "a", parent: "a" }] }, "NODE_DUPLICATE"],
    ["an unknown parent", { nodes: [{ id: "a", parent: "z" }] }, "PARENT_UNKNOWN"],
    ["a limit at the root", { nodes: [{ id: "a", importLimit: 5 }] }, "ROOT_WITH_LINE"],
    ["a negative limit", { nodes: [{ id: "a" }, { id: "b", parent: "a", importLimit: -5 }] }, "LIMIT_NEGATIVE"],
    ["a loss of all", { nodes: [{ id: "a" }, { id: "b", parent: "a", loss: 1 }] }, "LOSS_OUT_OF_RANGE"],
    [
      "a loss of too many digits",
      { nodes: [{ id: "a" }, { id: "b", parent: "a", loss: 0.0000001 }] },
      "LOSS_OUT_OF_RANGE",
    ],
    ["an order nowhere", { orders: [{ id: "x", node: "z", side: "buy", price: 1, quantity: 1 }] }, "NODE_UNKNOWN"],
    ["an unknown key", { buses: [] }, "UNKNOWN_KEY"],
  ])("refuses %s", async (_, change, code) => {
    expect(await complaintsOf({ model: "tree", nodes: [{ id: "a" }], orders: [], ...change })).toContain(code);
  });

  test("names the models where it does not know one", async () => {
    expect(await complaintsOf({ model: "trees" })).toContain('did you mean "tree"');
    expect(await complaintsOf({})).toContain("model is missing");
  });
});
