/** The auditors of the mechanisms against liars: each kind of falsification is found on every book that offers it. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, priceMicro, randomStream, tenderId, wattHours, type RandomStream } from "@micromarket/kernel";
import {
  auditDemandCurve,
  auditHuang,
  auditMcAfee,
  auditMidMarketRate,
  auditPayAsBid,
  auditSharingKey,
  clearDemandCurve,
  clearHuang,
  clearMcAfee,
  clearMidMarketRate,
  clearPayAsBid,
  clearSharingKey,
  type Finding,
  type MechanismClaim,
  type SharingBook,
} from "@micromarket/market";
import { pick } from "@micromarket/testkit";
import { randomCommunity } from "./random-community.ts";

type Audit = (book: SharingBook, claim: MechanismClaim, options: { strict: boolean }) => readonly Finding[];

const MECHANISMS: [string, (book: SharingBook) => MechanismClaim, Audit][] = [
  ["pay-as-bid", clearPayAsBid, auditPayAsBid],
  ["demand-curve", clearDemandCurve, auditDemandCurve],
  ["mcafee", clearMcAfee, auditMcAfee],
  ["huang", clearHuang, auditHuang],
  ["mid-market-rate", clearMidMarketRate, auditMidMarketRate],
  ["sharing-key", clearSharingKey, auditSharingKey],
];

/** The falsified claim; `null` where this one offers no occasion. */
type Tamper = (claim: MechanismClaim, stream: RandomStream) => MechanismClaim | null;

const changeFill =
  (change: (fill: MechanismClaim["fills"][number]) => object): Tamper =>
  (claim, stream) => {
    if (claim.fills.length === 0) return null;
    const chosen = pick(stream, claim.fills);
    return { ...claim, fills: claim.fills.map((fill) => (fill === chosen ? { ...fill, ...change(fill) } : fill)) };
  };

/** Found by default, by one of the codes. */
const TAMPERINGS: [string, Tamper, string[]][] = [
  ["a fill raised", changeFill(({ energy }) => ({ energy: wattHours(energy + 1) })), ["UNBALANCED", "NOT_SERVED"]],
  [
    "a fill dropped",
    (claim, stream) => {
      if (claim.fills.length === 0) return null;
      const chosen = pick(stream, claim.fills);
      return { ...claim, fills: claim.fills.filter((fill) => fill !== chosen) };
    },
    ["UNBALANCED", "NOT_SERVED"],
  ],
  [
    "a fill of an unknown tender",
    (claim) => ({ ...claim, fills: [...claim.fills, { id: tenderId("phantom"), energy: wattHours(1), price: null }] }),
    ["UNKNOWN_TENDER"],
  ],
  [
    "a fill twice",
    (claim) => (claim.fills[0] === undefined ? null : { ...claim, fills: [claim.fills[0], ...claim.fills] }),
    ["DUPLICATE_FILL"],
  ],
  [
    "another amount",
    changeFill(({ amount, energy }) => ({ amount: amountNano((amount ?? 0n) + BigInt(energy)) })),
    ["AMOUNT_MISSTATED", "MONEY_UNBALANCED"],
  ],
  [
    "another price",
    changeFill(({ price }) => ({ price: priceMicro((price ?? 0) + 1) })),
    ["AMOUNT_MISSTATED", "PRICE_NOT_UNIFORM"],
  ],
  ["another volume", (claim) => ({ ...claim, energy: wattHours((claim.energy ?? 0) + 1) }), ["VOLUME_MISSTATED"]],
  [
    "another surplus",
    (claim) => ({ ...claim, surplus: { ...claim.surplus, buyers: amountNano((claim.surplus?.buyers ?? 0n) + 1n) } }),
    ["SURPLUS_MISSTATED"],
  ],
  [
    "another interval",
    (claim) => ({ ...claim, interval: { low: priceMicro((claim.interval?.low ?? 0) - 1), high: null } }),
    ["INTERVAL_MISSTATED"],
  ],
  [
    "scarcity flipped",
    (claim) => ({ ...claim, scarcity: claim.scarcity === "demand" ? "supply" : "demand" }),
    ["SCARCITY_MISSTATED"],
  ],
  [
    "a trade moved",
    (claim) => {
      const [first, ...rest] = claim.trades ?? [];
      return first === undefined
        ? null
        : { ...claim, trades: [{ ...first, energy: wattHours(first.energy + 1) }, ...rest] };
    },
    ["TRADES_MISMATCH"],
  ],
  [
    "a refusal invented",
    (claim) => ({ ...claim, rejections: [...(claim.rejections ?? []), { id: "zz", code: "STEPS_EMPTY" }] }),
    ["REJECTION_MISSTATED"],
  ],
  [
    "the auctioneer's part",
    (claim) => (claim.auctioneer === undefined ? null : { ...claim, auctioneer: amountNano(claim.auctioneer + 1n) }),
    ["AUCTIONEER_MISSTATED"],
  ],
  [
    "imports",
    (claim) => (claim.imported === undefined ? null : { ...claim, imported: wattHours(claim.imported + 1) }),
    ["SUPPLIER_MISSTATED"],
  ],
];

/** Found in strict mode: our conventions. */
const STRICT_TAMPERINGS: [string, Tamper, string[]][] = [
  [
    "energy moved between two of one side",
    (claim) => {
      const [first, second] = claim.fills.filter(({ energy, side }) => energy > 1 && side !== "sell");
      return first === undefined || second === undefined ? null : moved(claim, first.id, second.id);
    },
    [],
  ],
  [
    "fills out of order",
    (claim) => (claim.fills.length < 2 ? null : { ...claim, fills: claim.fills.toReversed() }),
    ["ORDER_OF_LISTS"],
  ],
  [
    "trades out of order",
    (claim) => ((claim.trades ?? []).length < 2 ? null : { ...claim, trades: (claim.trades ?? []).toReversed() }),
    ["TRADES_NOT_LARGEST_FIRST", "TRADES_NOT_BEST_FIRST"],
  ],
];

function moved(claim: MechanismClaim, from: string, to: string): MechanismClaim {
  const by = (id: string): number => (id === from ? -1 : id === to ? 1 : 0);
  return { ...claim, fills: claim.fills.map((fill) => ({ ...fill, energy: wattHours(fill.energy + by(fill.id)) })) };
}

describe.each(MECHANISMS)("%s", (mechanism, clear, audit) => {
  const cleared = Array.from({ length: 600 }, (_, seed) => {
    const book = randomCommunity(seed);
    return { seed, book, claim: clear(book) };
  });

  test.each([
    ...TAMPERINGS.map(([name, tamper, codes]) => ({ name, tamper, codes, strict: false })),
    ...STRICT_TAMPERINGS.map(([name, tamper, codes]) => ({ name, tamper, codes, strict: true })),
  ])("$name", ({ name, tamper, codes, strict }) => {
    let occasions = 0;
    const missed: string[] = [];
    for (const { seed, book, claim } of cleared) {
      const falsified = tamper(claim, randomStream(seed, name));
      if (falsified === null) continue;
      occasions += 1;
      const found = audit(book, falsified, { strict }).map(({ code }) => code);
      const isNamed = codes.length === 0 ? found.length > 0 : found.some((code) => codes.includes(code));
      if (!isNamed) missed.push(`book ${seed}: ${found.join(" ")}`);
    }
    expect(missed).toEqual([]);
    const hasNone = name.startsWith("the auctioneer") || name === "imports";
    expect(occasions).toBeGreaterThan(hasNone ? -1 : 10);
    expect(mechanism).not.toBe("");
  });
});
