/** Check of a community's trades: they move the local energy at its price, within the fills, the largest first if strict. */
import { compareText } from "@micromarket/kernel";
import type { CommunityEvidence } from "./community-evidence.ts";
import type { Finding } from "./finding.ts";
import { energyFinding, priceFinding } from "./money.ts";
import type { Side } from "../tender.ts";

/** Trades join a buyer with a seller, none beyond its fill, `local` in all. */
export function tradesInCommunity(evidence: CommunityEvidence, local: number, price: number): readonly Finding[] {
  const { trades } = evidence.claim;
  if (trades === undefined) return [];
  const findings: Finding[] = [];
  const sums = new Map<string, number>();
  for (const trade of trades) {
    const pair = `${trade.buy}/${trade.sell}`;
    if (trade.energy <= 0) findings.push(energyFinding(evidence, "TRADES_MISMATCH", pair, 1, trade.energy));
    for (const side of ["buy", "sell"] as const) {
      const own = evidence.accepted.get(trade[side])?.side ?? "an unknown id";
      if (own !== side) findings.push({ code: "TRADES_MISMATCH", subject: trade[side], expected: side, found: own });
      sums.set(trade[side], (sums.get(trade[side]) ?? 0) + trade.energy);
    }
    const stated = trade.price ?? price;
    if (stated !== price) findings.push(priceFinding(evidence, "TRADE_PRICES_MISMATCH", pair, [price], [stated]));
  }
  for (const [id, sum] of sums) {
    const filled = evidence.filled.get(id) ?? 0;
    if (sum > filled) findings.push(energyFinding(evidence, "TRADES_MISMATCH", id, filled, sum));
  }
  const total = trades.reduce((sum, { energy }) => sum + energy, 0);
  if (total !== local) findings.push(energyFinding(evidence, "TRADES_MISMATCH", null, local, total));
  return evidence.strict ? [...findings, ...largestFirst(evidence)] : findings;
}

function largestFirst(evidence: CommunityEvidence): readonly Finding[] {
  const text = ({ buy, sell, energy }: Pair): string => `${buy}/${sell} ${evidence.notation.energy(BigInt(energy))}`;
  const [due, stated] = [pairs(evidence).map(text), (evidence.claim.trades ?? []).map(text)];
  const longer = due.length > stated.length ? due : stated;
  const index = longer.findIndex((_, place) => due[place] !== stated[place]);
  if (index < 0) return [];
  const [expected, found] = [due[index] ?? "no trade", stated[index] ?? "no trade"];
  return [{ code: "TRADES_NOT_LARGEST_FIRST", subject: null, expected, found }];
}

interface Pair {
  readonly buy: string;
  readonly sell: string;
  readonly energy: number;
}

function pairs({ accepted, filled }: CommunityEvidence): readonly Pair[] {
  const queue = (side: Side): { readonly id: string; left: number }[] =>
    [...filled]
      .filter(([id]) => accepted.get(id)?.side === side)
      .map(([id, left]) => ({ id, left }))
      .sort((a, b) => a.left - b.left || compareText(b.id, a.id));
  const [buys, sells, found] = [queue("buy"), queue("sell"), [] as Pair[]];
  for (;;) {
    const [buy, sell] = [buys.at(-1), sells.at(-1)];
    if (buy === undefined || sell === undefined) return found;
    const energy = Math.min(buy.left, sell.left);
    found.push({ buy: buy.id, sell: sell.id, energy });
    buy.left -= energy;
    sell.left -= energy;
    if (buy.left === 0) buys.pop();
    if (sell.left === 0) sells.pop();
  }
}
