/**
 * Check of the surplus that a result states: limit minus price (buyers), price minus limit (sellers), times energy,
 * each tender from its best step down. A market order without cap (floor) counts from the best price that a tender of
 * its own side states, or else one of the other side, or else from the clearing price itself.
 */
import type { PriceMicro } from "@micromarket/kernel";
import type { Entrant } from "./book.ts";
import type { Check, Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Side } from "../tender.ts";

/** A stated surplus, total or by side, is what the fills yield at the clearing price. */
export const statedSurplus: Check = (evidence) => {
  const { surplus = {}, price } = evidence.claim;
  if (price === null && evidence.filled.size > 0) return [];
  const buyers = surplusOf(evidence, "buy");
  const sellers = surplusOf(evidence, "sell");
  const pairs: [string, bigint | undefined, bigint][] = [
    ["buyers", surplus.buyers, buyers],
    ["sellers", surplus.sellers, sellers],
    ["total", surplus.total, buyers + sellers],
  ];
  return pairs.flatMap(([subject, stated, due]): Finding[] => {
    if (stated === undefined || stated === due) return [];
    const [expected, found] = [evidence.notation.amount(due), evidence.notation.amount(stated)];
    return [{ code: "SURPLUS_MISSTATED", subject, expected, found }];
  });
};

function surplusOf(evidence: Evidence, side: Side): bigint {
  const { price } = evidence.claim;
  if (price === null) return 0n;
  const reference = marketOrderLimit(evidence, side) ?? price;
  let sum = 0n;
  for (const entrant of evidence.accepted.values()) {
    if (entrant.side === side) sum += surplusOfFill(entrant, evidence.filled.get(entrant.id) ?? 0, price, reference);
  }
  return sum;
}

function surplusOfFill(entrant: Entrant, filled: number, price: PriceMicro, reference: number): bigint {
  let left = filled;
  let sum = 0n;
  for (const { limit, energy } of entrant.offers) {
    const taken = Math.min(left, energy);
    const value = BigInt(Number.isFinite(limit) ? limit : reference);
    const gain = entrant.side === "buy" ? value - BigInt(price) : BigInt(price) - value;
    sum += gain * BigInt(taken);
    left -= taken;
  }
  return sum;
}

/** What stands for the limit of an unlimited market order, if any step of the accepted tenders states a price. */
function marketOrderLimit({ book, accepted }: Evidence, side: Side): number | undefined {
  let [bid, ask] = [-Infinity, Infinity];
  for (const { id, side: of, steps } of book.tenders) {
    if (!accepted.has(id)) continue;
    for (const { price } of steps) {
      if (price !== null && of === "buy") bid = Math.max(bid, price);
      if (price !== null && of === "sell") ask = Math.min(ask, price);
    }
  }
  return (side === "buy" ? [bid, ask] : [ask, bid]).find((limit) => Number.isFinite(limit));
}
