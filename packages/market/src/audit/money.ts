/** Universal checks of the money, for mechanisms in which not everybody trades at one price. */
import { floorDivide } from "@micromarket/kernel";
import type { Entrant } from "./book.ts";
import { energyText, priceText } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { ClaimedPricedFill, MechanismCheck, MechanismEvidence } from "./mechanism-claim.ts";
import type { Side } from "../tender.ts";

/** What the fill comes to: as stated, or price times energy; `undefined` where neither is stated. */
export function moneyOf(evidence: MechanismEvidence, fill: ClaimedPricedFill): bigint | undefined {
  if (fill.amount !== undefined && fill.amount !== null) return fill.amount;
  const price = fill.price ?? sidePrice(evidence, sideOf(evidence, fill)) ?? evidence.claim.price;
  return price === null ? undefined : BigInt(price) * BigInt(fill.energy);
}

/** Least and most that something comes to. */
export interface MoneySpan {
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * What the fill comes to. A price of its own, that stands without an amount, is a mean which an engine may have rounded to
 * either side; a price that all have is exact, and so is an amount.
 */
export function moneySpan(evidence: MechanismEvidence, fill: ClaimedPricedFill): MoneySpan | undefined {
  const money = moneyOf(evidence, fill);
  if (money === undefined) return undefined;
  const price = fill.price ?? null;
  const shared = sidePrice(evidence, sideOf(evidence, fill)) ?? evidence.claim.price;
  const isMean = (fill.amount ?? null) === null && price !== null && price !== shared && fill.energy > 0;
  const slack = isMean ? BigInt(fill.energy) - 1n : 0n;
  return { least: money - slack, most: money + slack };
}

/** Whether the two have anything in common. */
export function mayBeEqual(one: MoneySpan, other: MoneySpan): boolean {
  return one.least <= other.most && other.least <= one.most;
}

/** The price that the result states for all of one side. */
export function sidePrice({ claim }: MechanismEvidence, side: Side | undefined): number | null {
  if (side === undefined) return null;
  return (side === "buy" ? claim.buyerPrice : claim.sellerPrice) ?? null;
}

/** The side on which a fill trades. */
export function sideOf({ accepted }: MechanismEvidence, { id }: { readonly id: string }): Side | undefined {
  return accepted.get(id)?.side;
}

/** Money of all fills of one side; `undefined` where one of them states none. */
export function moneyOfSide(evidence: MechanismEvidence, side: Side): MoneySpan | undefined {
  let sum: MoneySpan = { least: 0n, most: 0n };
  for (const fill of evidence.claim.fills) {
    if (sideOf(evidence, fill) !== side || fill.energy <= 0) continue;
    const span = moneySpan(evidence, fill);
    if (span === undefined) return undefined;
    sum = { least: sum.least + span.least, most: sum.most + span.most };
  }
  return sum;
}

/** A stated amount is price times energy, rounded as averages are. */
export const amountsGoWithPrices: MechanismCheck = (evidence) =>
  evidence.claim.fills.flatMap((fill): Finding[] => {
    const { id, price, amount, energy } = fill;
    if (price === undefined || price === null || amount === undefined || amount === null || energy <= 0) return [];
    if (floorDivide(amount, BigInt(energy)) === BigInt(price)) return [];
    const expected = evidence.notation.amount(BigInt(price) * BigInt(energy));
    return [{ code: "AMOUNT_MISSTATED", subject: id, expected, found: evidence.notation.amount(amount) }];
  });

/** A buyer pays no more than its limits allow for its energy, best first; a seller receives no less. */
export const nobodyWorseThanLimits: MechanismCheck = (evidence) =>
  evidence.claim.fills.flatMap((fill): Finding[] => {
    const entrant = evidence.accepted.get(fill.id);
    const money = moneySpan(evidence, fill);
    if (entrant === undefined || money === undefined || fill.energy <= 0) return [];
    const bound = worthOf(entrant, fill.energy);
    if (bound === undefined || (entrant.side === "buy" ? money.least <= bound : money.most >= bound)) return [];
    const expected = `${entrant.side === "buy" ? "at most" : "at least"} ${evidence.notation.amount(bound)}`;
    const found = evidence.notation.amount(entrant.side === "buy" ? money.least : money.most);
    return [{ code: "WORSE_OFF", subject: fill.id, expected, found }];
  });

/** Limits times energy, best first; `undefined` where a market order without cap (floor) is among them. */
export function worthOf({ offers }: Entrant, energy: number): bigint | undefined {
  let left = energy;
  let worth = 0n;
  for (const offer of offers) {
    const taken = Math.min(left, offer.energy);
    if (taken === 0) break;
    if (!Number.isFinite(offer.limit)) return undefined;
    worth += BigInt(offer.limit) * BigInt(taken);
    left -= taken;
  }
  return worth;
}

/** Buyers together pay what sellers together receive. */
export const moneyBalances: MechanismCheck = (evidence) => {
  const [paid, received] = [moneyOfSide(evidence, "buy"), moneyOfSide(evidence, "sell")];
  if (paid === undefined || received === undefined || mayBeEqual(paid, received)) return [];
  const [expected, found] = [paid, received].map((span) => spanText(evidence, span));
  return [{ code: "MONEY_UNBALANCED", subject: null, expected: expected ?? "", found: found ?? "" }];
};

/** Each fill's trades come to its amount. */
export const tradePricesMatch: MechanismCheck = (evidence) => {
  const { trades, fills } = evidence.claim;
  if (trades === undefined) return [];
  const sums = new Map<string, bigint | undefined>();
  const add = (id: string, price: number | null, energy: number): void => {
    const known = sums.has(id) ? sums.get(id) : 0n;
    sums.set(id, known === undefined || price === null ? undefined : known + BigInt(price) * BigInt(energy));
  };
  for (const { buy, sell, energy, price, sellerPrice } of trades) {
    add(buy, price ?? evidence.claim.price, energy);
    add(sell, sellerPrice ?? price ?? evidence.claim.price, energy);
  }
  return fills.flatMap((fill): Finding[] => {
    const [sum, money] = [sums.get(fill.id), moneySpan(evidence, fill)];
    if (sum === undefined || money === undefined || mayBeEqual(money, { least: sum, most: sum })) return [];
    const [expected, found] = [spanText(evidence, money), evidence.notation.amount(sum)];
    return [{ code: "TRADE_PRICES_MISMATCH", subject: fill.id, expected, found }];
  });
};

/** A span as findings name it: `259.999999 to 260.000001`, or one amount where there is but one. */
export function spanText({ notation }: MechanismEvidence, { least, most }: MoneySpan): string {
  return least === most ? notation.amount(least) : `${notation.amount(least)} to ${notation.amount(most)}`;
}

/** A finding about one tender's energy. */
export function energyFinding(
  evidence: MechanismEvidence,
  code: Finding["code"],
  subject: string | null,
  expected: number,
  found: number,
): Finding {
  return { code, subject, expected: energyText(evidence, expected), found: energyText(evidence, found) };
}

/** A finding about a price, or a pair of prices. */
export function priceFinding(
  evidence: MechanismEvidence,
  code: Finding["code"],
  subject: string | null,
  expected: readonly (number | null)[],
  found: readonly (number | null)[],
): Finding {
  const text = (prices: readonly (number | null)[]): string =>
    prices.map((price) => priceText(evidence, price)).join(" / ");
  return { code, subject, expected: text(expected), found: text(found) };
}
