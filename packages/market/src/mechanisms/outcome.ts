/** What the mechanisms have in common when they put their answers together. */
import {
  amountNano,
  compareText,
  floorDivide,
  plusAmount,
  priceMicro,
  tradeValue,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { Fill, Trade } from "../auction.ts";
import type { PricedFill } from "../mechanism.ts";
import type { Tender } from "../tender.ts";

/** Fills at one price. */
export function fillsAt(price: PriceMicro, energies: ReadonlyMap<Tender, WattHours>): readonly PricedFill[] {
  return [...energies]
    .filter(([, energy]) => energy > 0)
    .map(([{ id }, energy]) => ({ id, energy, price, amount: tradeValue(price, energy) }));
}

/** A fill whose energy was traded for `amount` in all. */
export function fillFor(id: TenderId, energy: WattHours, amount: AmountNano): PricedFill {
  return { id, energy, price: averagePrice(amount, energy), amount };
}

/** `amount` for one unit of energy, rounded down. The energy must be positive. */
export function averagePrice(amount: AmountNano, energy: WattHours): PriceMicro {
  return priceMicro(Number(floorDivide(amount, BigInt(energy))));
}

/** The price that all of them have, or `null`. */
export function commonPrice(trades: readonly Trade[]): PriceMicro | null {
  const price = trades[0]?.price ?? null;
  return trades.every((trade) => trade.price === price) ? price : null;
}

/** The rows in order of id. */
export function byId<Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => compareText(a.id, b.id));
}

/** Energy of all rows. */
export function energyOf(rows: readonly Pick<Fill, "energy">[]): WattHours {
  return wattHours(rows.reduce((sum, { energy }) => sum + energy, 0));
}

/** Money of all rows. */
export function amountOf(rows: readonly Pick<PricedFill, "amount">[]): AmountNano {
  return rows.reduce((sum, { amount }) => plusAmount(sum, amount), amountNano(0n));
}

/** Parties with fills on both sides, in order of id. */
export function partiesOnBothSides(
  tenders: readonly Tender[],
  bought: readonly Fill[],
  sold: readonly Fill[],
): readonly string[] {
  const parties = new Map(tenders.map(({ id, party }) => [id, party]));
  const partiesOf = (fills: readonly Fill[]): Set<string> => new Set(fills.map(({ id }) => parties.get(id) ?? ""));
  const buyers = partiesOf(bought);
  return [...partiesOf(sold)].filter((party) => buyers.has(party)).sort(compareText);
}
