/** Tree clearing against the linear programme of the same network, solved by HiGHS. */
import { describe, expect, test } from "@jest/globals";
import { priceMicro, times, tradeValue, wattHours, type PriceMicro } from "@micromarket/kernel";
import { clearTree, type TreeNetwork, type TreeResult } from "@micromarket/grid";
import { admitTenders, type Tender } from "@micromarket/market";
import { openHighs } from "@micromarket/solver-highs";
import { randomBook, randomTree, type TreeMood } from "@micromarket/testkit";
import { treeProgram } from "./tree-referee.ts";

const solver = await openHighs();

/** A price for market orders that nobody else could name. */
const BEYOND = 10_000_000;

/** Makes every drawn price positive, fees included. */
const LIFT = 500;

interface Case {
  readonly seed: number;
  readonly network: TreeNetwork;
  readonly accepted: ReadonlySet<Tender>;
  readonly result: TreeResult;
}

/** The case of a seed; `lift`, a multiple of every tick, raises all prices. */
function draw(seed: number, mood: TreeMood, lift = 0): Case {
  const drawn = randomBook(seed, { tendersMax: 14, energyMax: 30 });
  const raised = (price: PriceMicro | null): PriceMicro | null =>
    price === null ? null : priceMicro((price + lift) * (mood.priceUnit ?? 1));
  const { priceFloor, priceCap } = drawn.rules;
  const book = {
    ...drawn,
    rules: { ...drawn.rules, priceFloor: raised(priceFloor), priceCap: raised(priceCap) },
    tenders: drawn.tenders.map((tender) => ({
      ...tender,
      steps: tender.steps.map(({ price, energy }) => ({
        price: raised(price),
        energy: times(energy, mood.unit ?? 1),
      })),
    })),
  };
  const network = randomTree(seed, book, mood);
  const accepted = new Set(admitTenders(book).accepted);
  return { seed, network, accepted, result: clearTree(network) };
}

/** What the fills and flows are worth with market orders at ±BEYOND, exactly. */
function worth({ network: { nodes, tenders, rules }, accepted, result }: Case): bigint {
  const fills = new Map(result.fills.map(({ id, energy }) => [id, energy]));
  let sum = 0n;
  for (const { tender } of tenders) {
    if (!accepted.has(tender)) continue;
    let left: number = fills.get(tender.id) ?? 0;
    const any = tender.side === "buy" ? (rules.priceCap ?? BEYOND) : (rules.priceFloor ?? -BEYOND);
    const sign = tender.side === "buy" ? 1 : -1;
    const steps = tender.steps.map(({ price, energy }) => ({ price: price ?? any, energy }));
    for (const { price, energy } of steps.sort((a, b) => sign * (b.price - a.price))) {
      const served = Math.min(left, energy);
      sum += BigInt(sign * price) * BigInt(served);
      left -= served;
    }
  }
  for (const [at, { above }] of nodes.entries()) {
    const flow = result.nodes[at]?.line?.flow;
    if (above === null || flow === undefined) continue;
    const fee = flow.sent > 0 ? above.tie.feeIn : above.tie.feeOut;
    sum -= tradeValue(fee, wattHours(Math.abs(flow.sent)));
  }
  return sum;
}

function signed(side: Tender["side"], energy: number): number {
  return side === "buy" ? -energy : energy;
}

/** Exactly, as a fraction of a watt-hour. */
function lossOf(sent: number, perMillion: number): number {
  return (sent * perMillion) / 1_000_000;
}

/** Whether our fills and flows are a solution of the network: balances, limits, what lines lose. */
function faults({ network: { nodes, tenders }, result }: Case): readonly string[] {
  const fills = new Map(result.fills.map(({ id, energy }) => [id, energy]));
  const net = new Map(nodes.map(({ id }) => [id, 0]));
  const add = (id: string, energy: number): void => void net.set(id, (net.get(id) ?? 0) + energy);
  for (const { node, tender } of tenders) add(node, signed(tender.side, fills.get(tender.id) ?? 0));
  const found: string[] = [];
  for (const [at, { id, above }] of nodes.entries()) {
    const line = result.nodes[at]?.line;
    if (above === null || line === null || line === undefined) continue;
    const { importLimit, exportLimit, loss } = above.tie;
    const { sent, lost } = line.flow;
    if (sent > (importLimit ?? Infinity) || -sent > (exportLimit ?? Infinity)) found.push(`${id} beyond its limit`);
    const exact = lossOf(Math.abs(sent), loss);
    if (lost < exact - 1e-9 || lost >= exact + 1) found.push(`${id} loses ${lost} of ${sent}, not ${exact}`);
    if (line.money.rent < 0n) found.push(`${id} has a negative rent`);
    add(above.id, -line.flow.above);
    add(id, line.flow.below);
  }
  for (const [id, energy] of net) if (energy !== 0) found.push(`${id} is out of balance by ${energy}`);
  return found;
}

/** Whether orders without any limit are curtailed: whose, is no question of prices and fees. */
function isBeyondPrices({ network: { rules }, result: { scarcity } }: Case): boolean {
  const { priceCap, priceFloor } = rules;
  return (scarcity.includes("demand") && priceCap === null) || (scarcity.includes("supply") && priceFloor === null);
}

function anyPriceOf({ priceCap, priceFloor }: TreeNetwork["rules"]): { readonly buy: number; readonly sell: number } {
  return { buy: priceCap ?? BEYOND, sell: priceFloor ?? -BEYOND };
}

/** The referee's optimum: in whole watt-hours and exactly, and as the solver says it; Infinity where energy in a circle earns. */
function optimum({ network, accepted }: Case): { readonly exact: bigint; readonly inexact: number } {
  const { program } = treeProgram(network, accepted, anyPriceOf(network.rules));
  const answer = solver.solve(program);
  if (answer.status === "unbounded") return { exact: 0n, inexact: Infinity };
  if (answer.status !== "optimal") throw new Error(`the referee says ${answer.status}`);
  let exact = 0n;
  for (const [column, value] of answer.columns.entries()) {
    exact -= BigInt(program.costs[column] ?? 0) * BigInt(Math.round(value));
  }
  return { exact, inexact: -answer.objective };
}

/**
 * What our prices break of the conditions that make them an optimum of the dual programme: every step is filled, empty
 * or at its limit by the price of its node, every line full, empty or indifferent by the prices of its ends. Together
 * with a feasible primal that is optimal, that puts each price inside the referee's interval. With losses a whole price
 * lies less than one unit from the exact one.
 */
function priceFaults({ network, accepted, result }: Case): readonly string[] {
  const { nodes, tenders, rules } = network;
  const price = new Map(result.nodes.map((node) => [node.id, node.price]));
  const fills = new Map(result.fills.map(({ id, energy }) => [id, energy]));
  const found: string[] = [];
  for (const { node, tender } of tenders) {
    const at = price.get(node) ?? null;
    if (at === null || !accepted.has(tender)) continue;
    const sign = tender.side === "buy" ? 1 : -1;
    const [surely, atMost] = [0, 0].map((_, margin) =>
      tender.steps.reduce((sum, step) => {
        const gain = sign * ((step.price ?? anyPriceOf(rules)[tender.side]) - at);
        return sum + (gain > 0 || (gain === 0 && margin === 1) ? step.energy : 0);
      }, 0),
    ) as [number, number];
    const fill = fills.get(tender.id) ?? 0;
    if (fill < surely || fill > atMost)
      found.push(`${tender.id} gets ${fill}, at ${at} it wants ${surely} to ${atMost}`);
  }
  for (const [place, { id, above }] of nodes.entries()) {
    const [below, up] = [price.get(id) ?? null, price.get(above?.id ?? "") ?? null];
    const flow = result.nodes[place]?.line?.flow.sent;
    if (above === null || below === null || up === null || flow === undefined) continue;
    const { tie } = above;
    const arrives = (1_000_000 - tie.loss) / 1_000_000;
    const slack = tie.loss === 0 ? 0 : 1;
    const [lower, upper]: [number, number] = [below, up];
    const down = lower * arrives - upper - tie.feeIn;
    const upward = upper * arrives - lower - tie.feeOut;
    if (flow > 0 && down < -slack) found.push(`${id} imports at a loss of ${down}`);
    if (flow < (tie.importLimit ?? Infinity) && down > slack) found.push(`${id} should import for a gain of ${down}`);
    if (flow < 0 && upward < -slack) found.push(`${id} exports at a loss of ${upward}`);
    if (-flow < (tie.exportLimit ?? Infinity) && upward > slack)
      found.push(`${id} should export for a gain of ${upward}`);
  }
  return found;
}

describe("tree clearing against HiGHS", () => {
  test("without losses the optimum is the same to the nano, and the prices are the referee's", () => {
    const mood = { nodesMost: 9, depthMost: 5, limits: true, fees: true, losses: false };
    let compared = 0;
    for (let seed = 1; seed <= 6_500; seed++) {
      const drawn = draw(seed, mood);
      expect({ seed, faults: faults(drawn) }).toEqual({ seed, faults: [] });
      if (isBeyondPrices(drawn)) continue;
      compared += 1;
      expect({ seed, worth: worth(drawn) }).toEqual({ seed, worth: optimum(drawn).exact });
      expect({ seed, prices: priceFaults(drawn) }).toEqual({ seed, prices: [] });
    }
    expect(compared).toBeGreaterThan(5_000);
  });

  test("with losses it is the same within a watt-hour a line, while no price is negative", () => {
    const mood = { nodesMost: 9, depthMost: 5, limits: true, fees: true, losses: true, unit: 100, priceUnit: 1_000 };
    let compared = 0;
    for (let seed = 1; seed <= 7_000; seed++) {
      const drawn = draw(seed, mood, LIFT);
      expect({ seed, faults: faults(drawn) }).toEqual({ seed, faults: [] });
      if (isBeyondPrices(drawn) || drawn.result.flags.length > 0) continue;
      compared += 1;
      const [ours, best] = [Number(worth(drawn)), optimum(drawn).inexact];
      const lines = drawn.network.nodes.filter(({ above }) => (above?.tie.loss ?? 0) > 0).length;
      const off = Math.abs(best - ours);
      expect({ seed, isNear: off <= lines * largestPrice(drawn) + 1e-3, off }).toMatchObject({ seed, isNear: true });
      expect({ seed, prices: priceFaults(drawn) }).toEqual({ seed, prices: [] });
    }
    expect(compared).toBeGreaterThan(5_300);
  });

  test("where energy sent round in a circle would earn, it says so, and stays feasible", () => {
    const mood = {
      nodesMost: 9,
      depthMost: 5,
      limits: true,
      fees: true,
      losses: true,
      unit: 100,
      priceUnit: 1_000,
      feesBelowZero: true,
    };
    const missed = { flagged: 0, silent: 0 };
    for (let seed = 1; seed <= 3_000; seed++) {
      const drawn = draw(seed, mood);
      expect({ seed, faults: faults(drawn) }).toEqual({ seed, faults: [] });
      if (isBeyondPrices(drawn)) continue;
      const lines = drawn.network.nodes.filter(({ above }) => (above?.tie.loss ?? 0) > 0).length;
      const shortfall = optimum(drawn).inexact - Number(worth(drawn));
      if (shortfall <= lines * largestPrice(drawn) + 1e-3) continue;
      missed[drawn.result.flags.length > 0 ? "flagged" : "silent"] += 1;
    }
    expect(missed.silent).toBe(0);
    expect(missed.flagged).toBeGreaterThan(50);
  });
});

function largestPrice({ network: { rules }, accepted }: Case): number {
  const any = anyPriceOf(rules);
  const limits = [...accepted].flatMap(({ side, steps }) => steps.map(({ price }) => Math.abs(price ?? any[side])));
  return Math.max(0, ...limits);
}
