/** Clearing under the DC power flow with the real solver, held to the laws of flow and to duality. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { clearDc, referencesOf, type DcLine, type DcNetwork, type DcResult } from "@micromarket/grid";
import { openHighs } from "@micromarket/solver-highs";
import { anyMesh, dualFaults, fillsById, flowFaults } from "./any-mesh.ts";

const solver = await openHighs();

/** Prices that hardly ever tie, so that an optimum is one; large energies, so that rounding means little. */
const GENERIC = { priceUnit: 100_000, energyUnit: 1_000, mustRun: false };
/** Prices that tie often, single watt-hours, orders that must run. */
const COARSE = { priceUnit: 1, energyUnit: 1, mustRun: true };

function cleared(network: DcNetwork): DcResult {
  const outcome = clearDc(network, solver);
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.result;
}

describe("clearing under the DC power flow", () => {
  test.each([
    ["large energies, prices that differ", GENERIC],
    ["single watt-hours, prices that tie, orders that must run", COARSE],
  ])("flows obey Kirchhoff and their limits, every part is in balance: %s", (_, mood) => {
    const seen = { traded: 0, infeasible: 0 };
    fc.assert(
      fc.property(anyMesh(mood), (network) => {
        const outcome = clearDc(network, solver);
        if (!outcome.ok) {
          expect(outcome).toMatchObject({ code: "NETWORK_INFEASIBLE" });
          seen.infeasible += 1;
          return;
        }
        const { result } = outcome;
        if (result.energy > 0) seen.traded += 1;
        expect(flowFaults(network, result)).toEqual([]);
        const net = new Map<number, number>();
        for (const [bus, reference] of referencesOf(network).entries())
          net.set(reference, (net.get(reference) ?? 0) + (result.buses[bus]?.netImport ?? 0));
        expect([...net.values()].filter((excess) => excess !== 0)).toEqual([]);
      }),
      { numRuns: 800 },
    );
    expect(seen.traded).toBeGreaterThan(300);
    expect(seen.infeasible > 20).toBe(mood.mustRun);
  });

  test("the prices prove the surplus: no other flow could bring more", () => {
    const seen = { proved: 0, congested: 0 };
    fc.assert(
      fc.property(anyMesh(GENERIC), (network) => {
        const result = cleared(network);
        if (result.buses.some(({ price }) => price === null)) return;
        seen.proved += 1;
        if (result.lines.some(({ shadowPrice }) => shadowPrice > 0)) seen.congested += 1;
        expect(dualFaults(network, result)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    expect(seen.proved).toBeGreaterThan(200);
    expect(seen.congested).toBeGreaterThan(60);
  });

  test("an order in the money by its bus's price is filled, one out of it gets nothing, a full line alone has a price", () => {
    fc.assert(
      fc.property(anyMesh(GENERIC), (network) => {
        const result = cleared(network);
        const fills = fillsById(result);
        for (const { bus, tender } of network.tenders) {
          const [price, step] = [result.buses[bus]?.price ?? null, tender.steps[0]];
          if (price === null || step === undefined || step.price === null) continue;
          const gain = (tender.side === "buy" ? 1 : -1) * (step.price - price);
          if (gain > 1) expect(fills.get(tender.id)).toBe(step.energy);
          if (gain < -1) expect(fills.get(tender.id)).toBeUndefined();
        }
        for (const [at, { flow, shadowPrice }] of result.lines.entries()) {
          expect(shadowPrice).toBeGreaterThanOrEqual(0);
          if (shadowPrice > 0) expect(Math.abs(flow)).toBe(network.lines[at]?.limit);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["differ", GENERIC],
    ["tie", { ...COARSE, mustRun: false }],
  ])("a bus's price lies in its own orders' interval, but for its rounding: prices that %s", (_, mood) => {
    let bounded = 0;
    fc.assert(
      fc.property(anyMesh(mood), (network) => {
        const result = cleared(network);
        const references = referencesOf(network);
        for (const [bus, { price, interval, energy }] of result.buses.entries()) {
          const hasTrade = network.tenders.some(
            (one) => references[one.bus] === references[bus] && fillsById(result).has(one.tender.id),
          );
          expect({ bus, isPriced: price !== null }).toEqual({ bus, isPriced: hasTrade });
          expect(energy).toBe(result.buses[references[bus] ?? 0]?.price);
          if (price === null) continue;
          if (interval.low !== null && interval.high !== null) bounded += 1;
          expect(price).toBeGreaterThanOrEqual((interval.low ?? -Infinity) - 1);
          expect(price).toBeLessThanOrEqual((interval.high ?? Infinity) + 1);
        }
      }),
      { numRuns: 500 },
    );
    expect(bounded).toBeGreaterThan(100);
  });
});

/** `list` in an order that `keys` draw. */
function reordered<Item>(list: readonly Item[], keys: readonly number[]): readonly Item[] {
  return [...list.keys()]
    .sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b)
    .flatMap((at) => list.slice(at, at + 1));
}

const anyKeys = fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 });

describe("what a network is written like", () => {
  test("the order of orders changes nothing at all", () => {
    fc.assert(
      fc.property(anyMesh(COARSE), anyKeys, (network, keys) => {
        const other = { ...network, tenders: reordered(network.tenders, keys) };
        expect(clearDc(other, solver)).toEqual(clearDc(network, solver));
      }),
      { numRuns: 300 },
    );
  });

  test("the order of buses and lines, and which end of a line is named first, changes no more than a rounding", () => {
    fc.assert(
      fc.property(anyMesh(GENERIC), anyKeys, anyKeys, (network, busKeys, lineKeys) => {
        const buses = reordered([...Array(network.buses).keys()], busKeys);
        const placeOf = new Map(buses.map((bus, at) => [bus, at]));
        const placed = (bus: number): number => placeOf.get(bus) ?? NaN;
        const turned = ({ from, to, reactance, limit }: DcLine, at: number): DcLine =>
          (lineKeys[at] ?? 0) % 2 === 0
            ? { from: placed(to), to: placed(from), reactance, limit }
            : { from: placed(from), to: placed(to), reactance, limit };
        const other: DcNetwork = {
          ...network,
          lines: reordered(network.lines.map(turned), lineKeys),
          tenders: network.tenders.map(({ bus, tender }) => ({ bus: placed(bus), tender })),
        };
        const [one, two] = [cleared(network), cleared(other)];
        const [fills, others] = [fillsById(one), fillsById(two)];
        const limits = network.tenders.map(({ tender }) => tender.steps[0]?.price);
        const isOneBest = new Set(limits).size === limits.length; // where two limits tie, either order may be filled
        for (const { tender } of isOneBest ? network.tenders : []) {
          const off = Math.abs((fills.get(tender.id) ?? 0) - (others.get(tender.id) ?? 0));
          expect({ id: tender.id, isNear: off <= 1 }).toEqual({ id: tender.id, isNear: true });
        }
        const worth = network.tenders.reduce((sum, { tender }) => sum + Math.abs(tender.steps[0]?.price ?? 0), 0);
        expect(Math.abs(Number(one.surplus - two.surplus))).toBeLessThanOrEqual(worth);
        expect(Math.abs(one.energy - two.energy)).toBeLessThanOrEqual(network.tenders.length);
      }),
      { numRuns: 300 },
    );
  });
});
