/** Random meshed networks, and what one answer must be by the laws of flow and of linear programmes alone. */
import fc from "fast-check";
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { BusTender, DcLine, DcNetwork, DcResult } from "@micromarket/grid";
import { auctionRules } from "@micromarket/testkit";

/** How meshes are drawn. */
export interface MeshMood {
  /** Prices of orders lie from −10 to 50 times it. */
  readonly priceUnit: number;
  /** Energies and limits are multiples of it. */
  readonly energyUnit: number;
  /** Whether some orders must run. */
  readonly mustRun: boolean;
}

const BUSES_MAX = 7;

const anyLine = fc.record({
  from: fc.nat(999),
  to: fc.nat(999),
  reactance: fc.integer({ min: 1, max: 9 }),
  limit: fc.nat(60),
});
const anyOrder = fc.record({
  bus: fc.nat(999),
  side: fc.constantFrom("buy" as const, "sell" as const),
  /** Millionths of the band. */
  price: fc.nat(1_000_000),
  energy: fc.integer({ min: 1, max: 40 }),
  mustRun: fc.nat(9),
});

/** Up to seven buses; the first ones are joined in a random tree, so that a few buses may stand apart. */
export function anyMesh({ priceUnit, energyUnit, mustRun }: MeshMood): fc.Arbitrary<DcNetwork> {
  return fc
    .record({
      buses: fc.integer({ min: 1, max: BUSES_MAX }),
      joined: fc.array(anyLine, { maxLength: BUSES_MAX - 1 }),
      more: fc.array(anyLine, { maxLength: 5 }),
      orders: fc.array(anyOrder, { minLength: 2, maxLength: 14 }),
    })
    .map(({ buses, joined, more, orders }) => {
      const lineOf = (from: number, to: number, reactance: number, limit: number): DcLine[] =>
        from === to ? [] : [{ from, to, reactance, limit: limit < 20 ? null : wattHours(energyUnit * (limit - 19)) }];
      const tree = joined
        .slice(0, buses - 1)
        .flatMap(({ from, reactance, limit }, at) => lineOf(from % (at + 1), at + 1, reactance, limit));
      const extra = more.flatMap(({ from, to, reactance, limit }) =>
        lineOf(from % buses, to % buses, reactance, limit),
      );
      const tenders = orders.map(({ bus, side, price, energy, mustRun: runs }, at): BusTender => {
        const limit =
          mustRun && runs === 0 ? null : priceMicro(Math.floor((price * 60 * priceUnit) / 1_000_000) - 10 * priceUnit);
        const steps = [{ price: limit, energy: wattHours(energyUnit * energy) }];
        return { bus: bus % buses, tender: { id: tenderId(`t${at}`), party: partyId(`p${at}`), side, steps } };
      });
      const rules = { ...auctionRules(), tick: priceMicro(1), priceFloor: null, priceCap: null };
      return { slot: "2026-07-01T12:00Z", rules, buses, lines: [...tree, ...extra], tenders };
    });
}

/** What each tender got. */
export function fillsById({ fills }: DcResult): ReadonlyMap<string, number> {
  return new Map(fills.map(({ id, energy }) => [id, energy]));
}

/**
 * What of the flows contradicts Kirchhoff or a limit. Flows and fills are whole, the solver's are not: each flow is off by
 * at most half a watt-hour, each fill by less than one.
 */
export function flowFaults({ lines, tenders, buses }: DcNetwork, result: DcResult): readonly string[] {
  const found: string[] = [];
  const fills = fillsById(result);
  const net = Array.from({ length: buses }, () => 0);
  const slack = Array.from({ length: buses }, () => 1e-3);
  for (const { bus, tender } of tenders) {
    net[bus] = (net[bus] ?? 0) + (tender.side === "buy" ? 1 : -1) * (fills.get(tender.id) ?? 0);
    slack[bus] = (slack[bus] ?? 0) + 1;
  }
  for (const [bus, { netImport }] of result.buses.entries()) {
    if (netImport !== net[bus]) found.push(`bus ${bus} says ${netImport}, its orders ${net[bus] ?? 0}`);
  }
  for (const [line, { from, to, limit }] of lines.entries()) {
    const flow = result.lines[line]?.flow ?? NaN;
    if (!(Math.abs(flow) <= (limit ?? Infinity))) found.push(`line ${line} carries ${flow}`);
    net[from] = (net[from] ?? 0) + flow;
    net[to] = (net[to] ?? 0) - flow;
    for (const bus of [from, to]) slack[bus] = (slack[bus] ?? 0) + 0.5;
  }
  for (const [bus, excess] of net.entries()) {
    if (Math.abs(excess) > (slack[bus] ?? 0)) found.push(`bus ${bus} is out of balance by ${excess}`);
  }
  return [...found, ...loopFaults(lines, result)];
}

/** Round each loop the reactances times the flows cancel: whichever way one walks, a bus has one angle. */
function loopFaults(lines: readonly DcLine[], result: DcResult): readonly string[] {
  const angles = new Map<number, number>();
  const slack = lines.reduce((sum, { reactance }) => sum + reactance / 2, 1e-3);
  const found: string[] = [];
  const walk = (bus: number, angle: number): void => {
    const known = angles.get(bus);
    if (known !== undefined) {
      if (Math.abs(known - angle) > slack) found.push(`bus ${bus} has the angles ${known} and ${angle}`);
      return;
    }
    angles.set(bus, angle);
    for (const [line, { from, to, reactance }] of lines.entries()) {
      const drop = reactance * (result.lines[line]?.flow ?? NaN);
      if (from === bus) walk(to, angle - drop);
      if (to === bus) walk(from, angle + drop);
    }
  };
  for (const { from } of lines) if (!angles.has(from)) walk(from, 0);
  return found;
}

/**
 * What the prices leave unproved. Prices and shadow prices are a solution of the dual programme if around every bus the
 * susceptances times what the shadow prices do not explain cancel; then the orders' gains at these prices and what the
 * limits earn bound every surplus that any flow could bring, and a surplus that reaches the bound is the greatest.
 */
export function dualFaults(network: DcNetwork, result: DcResult): readonly string[] {
  const { lines, tenders, buses } = network;
  const price = (bus: number): number => result.buses[bus]?.price ?? NaN;
  const unexplained = Array.from({ length: buses }, () => 0);
  const slack = Array.from({ length: buses }, () => 1e-3);
  let bound = 0;
  let boundSlack = 0;
  for (const [line, { from, to, reactance, limit }] of lines.entries()) {
    const flow: number = result.lines[line]?.flow ?? NaN;
    const shadow: number = result.lines[line]?.shadowPrice ?? NaN;
    const most: number = limit ?? 0;
    const rest = (price(to) - price(from) - Math.sign(flow) * shadow) / reactance;
    unexplained[from] = (unexplained[from] ?? 0) + rest;
    unexplained[to] = (unexplained[to] ?? 0) - rest;
    for (const bus of [from, to]) slack[bus] = (slack[bus] ?? 0) + 1.5 / reactance;
    bound += shadow * most;
    boundSlack += most / 2;
  }
  for (const { bus, tender } of tenders) {
    const limit: number = tender.steps[0]?.price ?? NaN;
    const energy: number = tender.steps[0]?.energy ?? NaN;
    bound += Math.max(0, tender.side === "buy" ? limit - price(bus) : price(bus) - limit) * energy;
    boundSlack += energy / 2 + Math.abs(limit);
  }
  const found = unexplained.flatMap((rest, bus) =>
    Math.abs(rest) <= (slack[bus] ?? 0) ? [] : [`bus ${bus}: prices leave ${rest} that no limit explains`],
  );
  const gap = Math.abs(bound - Number(result.surplus));
  return gap <= boundSlack + bound * 1e-9 ? found : [...found, `the surplus misses its bound by ${gap}`];
}
