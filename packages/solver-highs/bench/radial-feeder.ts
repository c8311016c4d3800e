/**
 * A random radial feeder with the bids of one slot: three buses of four hang on the one before, the others up to 12 back;
 * limits so that some lines bind; 45 % sales around 12 ct, purchases around 22 ct (σ 6), 0.2 kWh and an exponential of mean
 * 1.5 kWh more; at the root a supplier sells at 30 ct and buys at 5 ct.
 */
import { partsPerMillion, partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import type { Tie, TreeBook, TreeNetwork, TreeNode } from "@micromarket/grid";
import { BUY, SELL, type AuctionRules } from "@micromarket/market";

const TICK = 100;
const CENT = 10_000 / TICK;

/** Of the feeder; a hundredth of a cent is the tick. */
export const RULES: AuctionRules = {
  k: { numerator: 1n, denominator: 2n },
  tick: priceMicro(TICK),
  priceFloor: null,
  priceCap: null,
  rationing: "pro-rata",
};

/** A feeder as columns, rows bus by bus, and as objects. */
export function drawFeeder(seed: number, buses: number, bids: number): TreeBook {
  const stream = randomStream(seed, "feeder", String(buses));
  const share = (): number => (stream.nextUint32() + 0.5) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share());
  const nodes: TreeNode[] = [{ id: "b0", above: null }];
  for (let bus = 1; bus < buses; bus++) {
    const back = stream.below(4) > 0 ? 1 : 1 + stream.below(Math.min(12, bus));
    nodes.push({ id: `b${bus}`, above: { id: `b${bus - back}`, tie: tieOf(share()) } });
  }
  const perBus = Array.from({ length: buses }, () => 0);
  for (let bid = 0; bid < bids; bid++) {
    const bus = stream.below(buses);
    perBus[bus] = (perBus[bus] ?? 0) + 1;
  }
  const firstRow = new Uint32Array(buses + 1);
  for (let bus = 0; bus < buses; bus++)
    firstRow[bus + 1] = (firstRow[bus] ?? 0) + (perBus[bus] ?? 0) + (bus === 0 ? 2 : 0);
  const rows = bids + 2;
  const side = new Uint8Array(rows);
  const tick = new Int32Array(rows);
  const energy = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const kind = stream.below(100) < 45 ? SELL : BUY;
    side[row] = kind;
    tick[row] = Math.round(CENT * ((kind === SELL ? 12 : 22) + 6 * normal()));
    energy[row] = 200 + Math.round(-1_500 * Math.log(share()));
  }
  for (const [row, kind, cents] of [
    [0, SELL, 30],
    [1, BUY, 5],
  ] as const) {
    side[row] = kind;
    tick[row] = CENT * cents;
    energy[row] = 10_000 * bids;
  }
  const rank = (at: number): string => String(at).padStart(9, "0");
  const columns = { side, tick, energy, lowest: Math.min(...tick), highest: Math.max(...tick) };
  return { rules: RULES, nodes, columns, firstRow, rankOfRow: rank, rankOfNode: rank };
}

function tieOf(share: number): Tie {
  const limit = wattHours(Math.round(2_000 + 30_000 * share));
  return {
    importLimit: limit,
    exportLimit: limit,
    feeIn: priceMicro(0),
    feeOut: priceMicro(0),
    loss: partsPerMillion(0),
  };
}

/** The same as objects. */
export function networkOf({ rules, nodes, columns: { side, tick, energy }, firstRow }: TreeBook): TreeNetwork {
  const tenders = nodes.flatMap(({ id }, place) =>
    Array.from({ length: (firstRow[place + 1] ?? 0) - (firstRow[place] ?? 0) }, (_, at) => {
      const row = (firstRow[place] ?? 0) + at;
      return {
        node: id,
        tender: {
          id: tenderId(`t${row}`),
          party: partyId(`p${row}`),
          side: side[row] === BUY ? ("buy" as const) : ("sell" as const),
          steps: [{ price: priceMicro(TICK * (tick[row] ?? 0)), energy: wattHours(energy[row] ?? 0) }],
        },
      };
    }),
  );
  return { slot: "2026-07-01T12:00Z", rules, nodes, tenders };
}
