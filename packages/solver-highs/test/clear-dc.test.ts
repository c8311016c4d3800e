/** Meshed networks from a seed: what is bought where energy can flow is what is sold there, and refusals name their cause. */
import { describe, expect, test } from "@jest/globals";
import { partyId, priceMicro, randomStream, tenderId, wattHours, type RandomStream } from "@micromarket/kernel";
import { clearDc, referencesOf, type BusTender, type DcLine, type DcNetwork } from "@micromarket/grid";
import { auctionRules } from "@micromarket/testkit";
import { openHighs } from "@micromarket/solver-highs";

const solver = await openHighs();
const rules = { ...auctionRules(), tick: priceMicro(1), priceFloor: null, priceCap: null };

function order(id: string, bus: number, side: "buy" | "sell", price: number | null, energy: number): BusTender {
  const limit = price === null ? null : priceMicro(price);
  const steps = [{ price: limit, energy: wattHours(energy) }];
  return { bus, tender: { id: tenderId(id), party: partyId(id), side, steps } };
}

/** Two rings that no line joins. */
function twoMeshes(stream: RandomStream): DcNetwork {
  const line = (from: number, to: number): DcLine => ({
    from,
    to,
    reactance: 1 + stream.below(9),
    limit: stream.below(3) === 0 ? null : wattHours(1 + stream.below(20)),
  });
  const ring = (first: number): DcLine[] => [0, 1, 2, 3].map((at) => line(first + at, first + ((at + 1) % 4)));
  const tenders = Array.from({ length: 4 + stream.below(14) }, (_, at) =>
    order(`t${at}`, stream.below(8), stream.below(2) === 0 ? "buy" : "sell", stream.below(30), 1 + stream.below(40)),
  );
  return { slot: "2026-07-01T12:00Z", rules, buses: 8, lines: [...ring(0), ...ring(4)], tenders };
}

describe("clearing under the DC power flow", () => {
  test("every part that lines connect is in balance by itself, inside its limits", () => {
    let traded = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const network = twoMeshes(randomStream(seed, "two meshes"));
      const outcome = clearDc(network, solver);
      if (!outcome.ok) throw new Error(`seed ${seed}: ${outcome.code}`);
      expect(outcome.result.rejections).toEqual([]);
      if (outcome.result.energy > 0) traded += 1;
      const net = new Map<number, number>();
      for (const [bus, reference] of referencesOf(network).entries()) {
        net.set(reference, (net.get(reference) ?? 0) + (outcome.result.buses[bus]?.netImport ?? 0));
      }
      expect({ seed, net: [...net] }).toEqual({
        seed,
        net: [
          [0, 0],
          [4, 0],
        ],
      });
      for (const [at, { flow }] of outcome.result.lines.entries()) {
        expect(Math.abs(flow)).toBeLessThanOrEqual(network.lines[at]?.limit ?? Infinity);
      }
    }
    expect(traded).toBeGreaterThan(1_500);
  });

  test("a refusal names its cause, also where each line lacks but a part of a watt-hour", () => {
    const closed: DcLine = { from: 0, to: 1, reactance: 1, limit: wattHours(0) };
    const tenders = [order("s", 0, "sell", 1, 5), order("d", 1, "buy", null, 1)];
    const network = { slot: "", rules, buses: 2, lines: [closed, closed, closed], tenders };
    expect(clearDc(network, solver)).toEqual({
      ok: false,
      code: "NETWORK_INFEASIBLE",
      shortages: [0, 1, 2].map((line) => ({ kind: "line", line, excess: 1 })),
    });
  });
});
