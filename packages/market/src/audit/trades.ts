/** Checks of the trades: they add up to the fills and, in strict mode, pair them largest first, ties by id. */
import { compareText } from "@micromarket/kernel";
import type { ClaimedTrade } from "./claim.ts";
import { energyText, sumByKey, type Check, type Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Side } from "../tender.ts";

/** Trades join a buyer with a seller over a positive energy, and each tender's trades sum to its fill. */
export const tradesMatchFills: Check = (evidence) => {
  const { trades } = evidence.claim;
  if (trades === undefined) return [];
  return [...trades.flatMap((trade) => faultsOfTrade(evidence, trade)), ...sumsThatDiffer(evidence, trades)];
};

function faultsOfTrade(evidence: Evidence, trade: ClaimedTrade): readonly Finding[] {
  const findings: Finding[] = [];
  const roles: [Side, string][] = [
    ["buy", trade.buy],
    ["sell", trade.sell],
  ];
  for (const [side, id] of roles) {
    const found = evidence.accepted.get(id)?.side ?? (evidence.refused.has(id) ? "a refused tender" : "an unknown id");
    if (found !== side) findings.push({ code: "TRADES_MISMATCH", subject: id, expected: side, found });
  }
  if (trade.energy <= 0) {
    const subject = `${trade.buy}/${trade.sell}`;
    const found = energyText(evidence, trade.energy);
    findings.push({ code: "TRADES_MISMATCH", subject, expected: "more than 0", found });
  }
  return findings;
}

function sumsThatDiffer(evidence: Evidence, trades: readonly ClaimedTrade[]): readonly Finding[] {
  const traded = sumByKey(trades.flatMap(({ buy, sell, energy }) => [[buy, energy] as const, [sell, energy] as const]));
  return [...new Set([...evidence.filled.keys(), ...traded.keys()])].flatMap((id): Finding[] => {
    const [due, sum] = [evidence.filled.get(id) ?? 0, traded.get(id) ?? 0];
    if (due === sum) return [];
    return [
      {
        code: "TRADES_MISMATCH",
        subject: id,
        expected: `${energyText(evidence, due)}, its fill`,
        found: energyText(evidence, sum),
      },
    ];
  });
}

/** Strict: the list is the one that pairs the largest fills of both sides first. Names the first pair that is not. */
export const tradesLargestFirst: Check = (evidence) => {
  const { trades } = evidence.claim;
  if (trades === undefined) return [];
  const expected = pairsLargestFirst(evidence).map((pair) => pairText(evidence, pair));
  const found = trades.map((pair) => pairText(evidence, pair));
  const longer = expected.length > found.length ? expected : found;
  const index = longer.findIndex((_, place) => expected[place] !== found[place]);
  if (index < 0) return [];
  const [wanted = "no trade", stated = "no trade"] = [expected[index], found[index]];
  return [{ code: "TRADES_NOT_LARGEST_FIRST", subject: null, expected: wanted, found: stated }];
};

function pairText(evidence: Evidence, { buy, sell, energy }: Pair): string {
  return `${buy}/${sell} ${energyText(evidence, energy)}`;
}

interface Pair {
  readonly buy: string;
  readonly sell: string;
  /** Wh. */
  readonly energy: number;
}

function pairsLargestFirst(evidence: Evidence): readonly Pair[] {
  const buys = fillsBySize(evidence, "buy");
  const sells = fillsBySize(evidence, "sell");
  const pairs: Pair[] = [];
  let [buy, sell] = [buys.pop(), sells.pop()];
  while (buy !== undefined && sell !== undefined) {
    const energy = Math.min(buy.left, sell.left);
    pairs.push({ buy: buy.id, sell: sell.id, energy });
    buy.left -= energy;
    sell.left -= energy;
    if (buy.left === 0) buy = buys.pop();
    if (sell.left === 0) sell = sells.pop();
  }
  return pairs;
}

/** The largest fill last, among equals the lowest id last: ready to be taken from the end. */
function fillsBySize({ accepted, filled }: Evidence, side: Side): { readonly id: string; left: number }[] {
  return [...filled]
    .filter(([id]) => accepted.get(id)?.side === side)
    .map(([id, left]) => ({ id, left }))
    .sort((a, b) => (a.left === b.left ? compareText(b.id, a.id) : a.left - b.left));
}
