/**
 * Clearing a meshed network under the DC power flow: the greatest surplus that lines can carry, nodal prices from the
 * duals of the buses' balances (Schweppe, Caramanis, Tabors and Bohn, Spot Pricing of Electricity, 1988).
 *
 * Orders at any price must run; where lines or supply cannot serve them there is no answer, and the refusal says which
 * constraint is short by how much. The solver's floats are rounded: prices to the nearest unit, flows to the nearest
 * watt-hour, fills so that in every connected part as much is bought as is sold (floors, then the largest remainders of
 * the side that lacks).
 */
import {
  admitTenders,
  type AuctionRules,
  type Fill,
  type PriceInterval,
  type Rejection,
  type Tender,
} from "@micromarket/market";
import {
  amountNano,
  apportion,
  assert,
  compareText,
  hashText,
  minus,
  priceMicro,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { LinearOptimum, LinearSolver } from "../solver/linear-solver.ts";
import { treeSurplus } from "../tree/tree-surplus.ts";
import { bidsOf, type Bid } from "./dc-bids.ts";
import { flowsOf } from "./dc-flows.ts";
import { referencesOf, type BusTender, type DcNetwork } from "./dc-network.ts";
import { dcProgram, type DcProgram } from "./dc-program.ts";
import type { BusAnswer, DcLineAnswer, DcOutcome, DcResult } from "./dc-outcome.ts";
import { dcShortages } from "./dc-shortages.ts";

/** Clears `network`. */
export function clearDc(network: DcNetwork, solver: LinearSolver): DcOutcome {
  const { slot, rules } = network;
  const { accepted, rejections } = admitTenders({ slot, rules, tenders: network.tenders.map(({ tender }) => tender) });
  const admitted = new Set(accepted);
  const placed = network.tenders.filter(({ tender }) => admitted.has(tender));
  const bids = bidsOf(placed);
  const program = dcProgram(network, bids, false);
  const answer = solver.solve(program.program);
  if (answer.status === "infeasible") return dcShortages(network, bids, solver);
  if (answer.status !== "optimal") {
    return { ok: false, code: "SOLVER_FAILED", reason: answer.status === "failed" ? answer.reason : answer.status };
  }
  return { ok: true, result: resultOf(network, placed, bids, program, answer, rejections) };
}

function resultOf(
  network: DcNetwork,
  placed: readonly BusTender[],
  bids: readonly Bid[],
  program: DcProgram,
  answer: LinearOptimum,
  rejections: readonly Rejection[],
): DcResult {
  const references = referencesOf(network);
  const served = wholeFills(bids, references, program, answer);
  const prices = Array.from({ length: network.buses }, (_, bus) => priceMicro(Math.round(answer.rowDuals[bus] ?? 0)));
  const trading = tradingParts(bids, references, served);
  const buses = prices.map((price, bus): BusAnswer => {
    const reference = references[bus] ?? 0;
    const netImport = netImportOf(bids, served, bus);
    const interval = intervalOf(bids, served, bus);
    if (!trading.has(reference)) return { price: null, interval, netImport, energy: null };
    return { price, interval, netImport, energy: prices[reference] ?? price };
  });
  const lines = linesOf(network, program, answer, prices, buses);
  const fills = fillsOf(network, placed, bids, served, prices);
  const tenders = placed.map(({ tender }) => tender);
  const { surplus, energy } = treeSurplus(tenders, network.rules, fills, amountNano(0n));
  return { buses, lines, fills, energy, surplus, cost: costOf(tenders, fills, network.rules), rejections };
}

/** The references of those connected parts in which energy changes hands. */
function tradingParts(bids: readonly Bid[], references: Int32Array, served: readonly number[]): ReadonlySet<number> {
  return new Set(bids.flatMap(({ bus }, at) => ((served[at] ?? 0) > 0 ? [references[bus] ?? 0] : [])));
}

/** Served energy of each bid: whole, and in every connected part as much bought as sold. */
function wholeFills(
  bids: readonly Bid[],
  references: Int32Array,
  { unit, bidColumns }: DcProgram,
  { columns }: LinearOptimum,
): number[] {
  const exact = bids.map(({ price, energy }, at) => {
    if (price === null) return energy;
    const value = (columns[bidColumns[at] ?? 0] ?? 0) * unit;
    const nearest = Math.round(value);
    return Math.min(energy, Math.max(0, Math.abs(value - nearest) < 1e-4 ? nearest : value));
  });
  const whole = exact.map((value) => Math.floor(value));
  for (const reference of new Set(references)) {
    balance(
      [...bids.keys()].filter((at) => references[bids[at]?.bus ?? 0] === reference),
      bids,
      exact,
      whole,
    );
  }
  return whole;
}

/** Gives the side that lacks energy among the bids at `places` its largest remainders. */
function balance(places: readonly number[], bids: readonly Bid[], exact: readonly number[], whole: number[]): void {
  const sign = (at: number): number => (bids[at]?.side === "buy" ? 1 : -1);
  const excess = places.reduce((sum, at) => sum + sign(at) * (whole[at] ?? 0), 0);
  const lacking = excess > 0 ? -1 : 1;
  const remainder = (at: number): number => (exact[at] ?? 0) - (whole[at] ?? 0);
  const order = places
    .filter((at) => sign(at) === lacking && remainder(at) > 0)
    .sort((a, b) => remainder(b) - remainder(a) || a - b);
  assert(Math.abs(excess) <= order.length, "rounding lacks no more than there are fractions");
  for (const at of order.slice(0, Math.abs(excess))) whole[at] = (whole[at] ?? 0) + 1;
}

function netImportOf(bids: readonly Bid[], served: readonly number[], bus: number): WattHours {
  const sum = bids.reduce(
    (net, bid, at) => (bid.bus === bus ? net + (bid.side === "buy" ? 1 : -1) * (served[at] ?? 0) : net),
    0,
  );
  return wattHours(sum);
}

function intervalOf(bids: readonly Bid[], served: readonly number[], bus: number): PriceInterval {
  let [low, high]: [PriceMicro | null, PriceMicro | null] = [null, null];
  for (const [at, { bus: here, side, price, energy }] of bids.entries()) {
    if (here !== bus || price === null) continue;
    const fill = served[at] ?? 0;
    const [bindsLow, bindsHigh] = side === "buy" ? [fill < energy, fill > 0] : [fill > 0, fill < energy];
    if (bindsLow && (low === null || price > low)) low = price;
    if (bindsHigh && (high === null || price < high)) high = price;
  }
  return { low, high };
}

function linesOf(
  network: DcNetwork,
  { unit, flowColumns }: DcProgram,
  { columns, columnDuals }: LinearOptimum,
  prices: readonly PriceMicro[],
  buses: readonly BusAnswer[],
): readonly DcLineAnswer[] {
  const solved = network.lines.map((_, line) => (columns[flowColumns[line] ?? 0] ?? 0) * unit);
  assertFlows(network, solved, buses);
  return network.lines.map(({ from, to, limit }, line) => {
    const flow = wattHours(Math.round(solved[line] ?? 0));
    const trades = (buses[from]?.price ?? null) !== null;
    const atLimit = trades && limit !== null && Math.abs(flow) >= limit;
    const dual = columnDuals[flowColumns[line] ?? 0] ?? 0;
    const gain = minus(prices[to] ?? priceMicro(0), prices[from] ?? priceMicro(0));
    return {
      flow,
      shadowPrice: priceMicro(atLimit ? Math.abs(Math.round(dual)) : 0),
      rent: tradeValue(gain, flow),
    };
  });
}

/** The solver's flows are those that the rounded fills bring about, but for what rounding moves. */
function assertFlows(network: DcNetwork, solved: readonly number[], buses: readonly BusAnswer[]): void {
  const injections = Float64Array.from(buses, ({ netImport }) => -netImport);
  const largest = solved.reduce((most, flow) => Math.max(most, Math.abs(flow)), 1);
  for (const [line, flow] of flowsOf(network, injections).entries()) {
    const off = Math.abs(flow - (solved[line] ?? 0));
    assert(off <= network.buses + largest * 1e-6, `line ${line} carries ${flow}, the solver says ${solved[line] ?? 0}`);
  }
}

/** Each bid's energy shared by those who asked for it: pro-rata, or first come, first served. */
function fillsOf(
  { slot, rules }: DcNetwork,
  placed: readonly BusTender[],
  bids: readonly Bid[],
  served: readonly number[],
  prices: readonly PriceMicro[],
): readonly Fill[] {
  const energies = new Float64Array(placed.length);
  for (const [at, { parts }] of bids.entries()) {
    const places = [...parts.keys()];
    const shares = shared([...parts.values()], served[at] ?? 0, rules.rationing, (index) =>
      hashText(`${slot}\0${placed[places[index] ?? 0]?.tender.id ?? ""}`),
    );
    for (const [index, place] of places.entries()) energies[place] = (energies[place] ?? 0) + (shares[index] ?? 0);
  }
  return placed
    .flatMap(({ bus, tender: { id } }, place) => {
      const energy = energies[place] ?? 0;
      return energy === 0 ? [] : [{ id, energy: wattHours(energy), price: prices[bus] ?? priceMicro(0) }];
    })
    .sort((a, b) => compareText(a.id, b.id));
}

function shared(
  asked: readonly number[],
  available: number,
  rationing: AuctionRules["rationing"],
  tieRank: (index: number) => string,
): readonly number[] {
  if (rationing === "pro-rata") return apportion(available, asked, tieRank);
  let left = available;
  return asked.map((energy) => {
    const share = Math.min(energy, left);
    left -= share;
    return share;
  });
}

function costOf(tenders: readonly Tender[], fills: readonly Fill[], rules: AuctionRules): AmountNano {
  const sellers = tenders.filter(({ side }) => side === "sell");
  return amountNano(-treeSurplus(sellers, rules, fills, amountNano(0n)).surplus);
}
