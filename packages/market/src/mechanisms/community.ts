/** What the two mechanisms of energy communities share: readings instead of bids, shares instead of prices. */
import {
  apportion,
  floorDivide,
  hashText,
  plus,
  priceMicro,
  wattHours,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { admitTenders } from "../admit-tenders.ts";
import type { Rejection } from "../auction.ts";
import type { CommunityBook } from "../mechanism.ts";
import type { Side, Tender } from "../tender.ts";

/** Energy by tender, in order of arrival. */
export type Readings = ReadonlyMap<Tender, WattHours>;

/** What a community consumed and produced. */
export interface CommunityReadings {
  readonly accepted: readonly Tender[];
  readonly rejections: readonly Rejection[];
  readonly consumed: Readings;
  readonly produced: Readings;
}

/** Admits the tenders as readings: their prices, and the band and tick of the book, play no part. */
export function readCommunity(book: CommunityBook): CommunityReadings {
  const rules = { ...book.rules, tick: priceMicro(1), priceFloor: null, priceCap: null };
  const { accepted, rejections } = admitTenders({ ...book, rules });
  return { accepted, rejections, consumed: readingsOf(accepted, "buy"), produced: readingsOf(accepted, "sell") };
}

function readingsOf(accepted: readonly Tender[], side: Side): Readings {
  return new Map(
    accepted
      .filter((tender) => tender.side === side)
      .map((tender) => [tender, wattHours(tender.steps.reduce((sum, step) => sum + step.energy, 0))]),
  );
}

/** All of it. */
export function totalOf(readings: Readings): WattHours {
  return wattHours([...readings.values()].reduce((sum, energy) => sum + energy, 0));
}

/** Splits `total` over the tenders in proportion to their readings, by largest remainder. */
export function shareOut(total: WattHours, readings: Readings, slot: string): Readings {
  const tenders = [...readings.keys()];
  const parts = apportion(total, [...readings.values()], (index) => hashText(`${slot}\0${tenders[index]?.id ?? ""}`));
  return new Map(tenders.map((tender, index) => [tender, wattHours(parts[index] ?? 0)]));
}

/** The readings by party. */
export function byParty(readings: Readings): ReadonlyMap<string, Map<Tender, WattHours>> {
  const parties = new Map<string, Map<Tender, WattHours>>();
  for (const [tender, energy] of readings) {
    const own = parties.get(tender.party) ?? new Map<Tender, WattHours>();
    parties.set(tender.party, own.set(tender, plus(own.get(tender) ?? wattHours(0), energy)));
  }
  return parties;
}

/** Half-way between feed-in and retail price, rounded down to a price that can be written. */
export function midPrice({ retailPrice, feedInPrice }: CommunityBook): PriceMicro {
  return priceMicro(Number(floorDivide(BigInt(retailPrice) + BigInt(feedInPrice), 2n)));
}
