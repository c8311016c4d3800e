/**
 * The most that a tender or a position can come to cost whoever stands behind it: what is set aside for it.
 *
 * At one price for all, whoever buys k Wh pays at most k × the limit of the last of them; whoever sells at a negative
 * limit may have to pay likewise. A seller's bond comes on top, a buyer's levies too.
 */
import {
  amountNano,
  assert,
  floorDivide,
  plusAmount,
  partyId,
  priceMicro,
  tenderId,
  tradeValue,
  wattHours,
  type AmountNano,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { bottomOf, dropsOf, type AuctionRules, type StepCurve, type Tender } from "@micromarket/market";
import type { TenderLot } from "./command.ts";
import { tendersOf } from "./lot.ts";
import type { MarketRules } from "./rules.ts";
import type { SettlementRules } from "./settlement-rules.ts";

/** What the tender can cost at most, nano-currency; not negative. */
export function worstCostOfTender(
  { side, steps }: Tender,
  rules: MarketRules,
  settlement: SettlementRules,
): AmountNano {
  const { floor, cap } = bandOf(rules.auction);
  const limits = steps
    .map(({ price, energy }) => ({ price: price ?? (side === "buy" ? cap : floor), energy }))
    .sort((a, b) => (side === "buy" ? b.price - a.price : a.price - b.price));
  let [total, worst] = [0, 0n];
  for (const { price, energy } of limits) {
    total += energy;
    const value = tradeValue(price, wattHours(total));
    worst = greaterOf(worst, side === "buy" ? value : -value);
  }
  const energy = wattHours(total);
  return plusAmount(amountNano(worst), side === "buy" ? levyOf(energy, settlement) : bondOf(energy, rules, settlement));
}

/** The same of all tenders of a lot together. */
export function worstCostOfLot(lot: TenderLot, rules: MarketRules, settlement: SettlementRules): AmountNano {
  const sum = lot.steps === undefined ? sumOfSingleSteps(lot, rules, settlement) : null;
  if (sum !== null) return sum;
  let total = amountNano(0n);
  for (const tender of tendersOf(lot, NOBODYS)) total = plusAmount(total, worstCostOfTender(tender, rules, settlement));
  return total;
}

const NOBODYS = { batch: tenderId("any"), party: partyId("anybody"), first: 0 };

/**
 * The same where each tender has one step, in whole numbers: a limit times a signed energy is what the step may cost,
 * whether it buys or sells. `null` where they might leave the safe integers.
 */
function sumOfSingleSteps(
  { prices, energies }: TenderLot,
  rules: MarketRules,
  settlement: SettlementRules,
): AmountNano | null {
  const { floor, cap } = bandOf(rules.auction);
  const [lowest, highest, share]: readonly [number, number, number] = [floor, cap, settlement.bond];
  let [worst, bonds, bought, all] = [0, 0, 0, 0];
  for (let at = 0; at < energies.length; at++) {
    const energy: number = energies[at] ?? 0;
    const limit: number = prices[at] ?? (energy > 0 ? highest : lowest);
    all += Math.abs(energy);
    worst += Math.max(0, limit * energy);
    if (energy > 0) bought += energy;
    else bonds += shareOfWholeUp(Math.max(0, highest * -energy), share);
  }
  if (all * Math.max(Math.abs(lowest), Math.abs(highest)) > Number.MAX_SAFE_INTEGER) return null;
  return plusAmount(amountNano(BigInt(worst) + BigInt(bonds)), levyOf(wattHours(bought), settlement));
}

/** `shareUp` of a safe integer. */
function shareOfWholeUp(amount: number, share: number): number {
  const millions = Math.floor(amount / 1_000_000);
  return millions * share + Math.ceil(((amount - millions * 1_000_000) * share) / 1_000_000);
}

/** The same of a position. */
export function worstCostOfPosition(curve: StepCurve, rules: MarketRules, settlement: SettlementRules): AmountNano {
  const { floor, cap } = bandOf(rules.auction);
  let [level, worst]: [number, bigint] = [curve.top, 0n];
  for (const { price, energy } of dropsOf(curve)) {
    const limit = Number.isFinite(price) ? priceMicro(price) : price > 0 ? cap : floor;
    if (level > 0) worst = greaterOf(worst, tradeValue(limit, wattHours(level)));
    level -= energy;
    if (level < 0) worst = greaterOf(worst, tradeValue(limit, wattHours(level)));
  }
  const bought = wattHours(Math.max(curve.top, 0));
  const sold = wattHours(Math.max(-bottomOf(curve), 0));
  const aside = [levyOf(bought, settlement), bondOf(sold, rules, settlement)];
  return aside.reduce(plusAmount, amountNano(worst));
}

/** What a seller of `energy` sets aside, rounded up. */
export function bondOf(energy: WattHours, { auction }: MarketRules, { bond }: SettlementRules): AmountNano {
  const value = tradeValue(bandOf(auction).cap, energy);
  return value <= 0n ? amountNano(0n) : shareUp(value, bond);
}

/** All levies on `energy`. */
export function levyOf(energy: WattHours, { levies }: SettlementRules): AmountNano {
  return levies.reduce((sum, { price }) => plusAmount(sum, tradeValue(price, energy)), amountNano(0n));
}

/** The share of an amount that is not negative, rounded up. */
export function shareUp(amount: AmountNano, share: PartsPerMillion): AmountNano {
  return amountNano(-floorDivide(-BigInt(amount) * BigInt(share), 1_000_000n));
}

function bandOf({ priceFloor, priceCap }: AuctionRules): { readonly floor: PriceMicro; readonly cap: PriceMicro } {
  assert(priceFloor !== null && priceCap !== null, "a market with settlement has a floor and a cap");
  return { floor: priceFloor, cap: priceCap };
}

function greaterOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
