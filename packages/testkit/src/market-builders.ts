/** Market rules, tenders and commands with everything filled in that a test does not care about. */
import {
  amountNano,
  DAY,
  instantMs,
  marketId,
  MINUTE,
  partyId,
  priceMicro,
  tenderId,
  times,
  wattHours,
  type InstantMs,
} from "@micromarket/kernel";
import { RULES_VERSION, type Command, type MarketRules } from "@micromarket/engine";
import type { AuctionRules, Side, Tender } from "@micromarket/market";

/** 2026-07-01T12:00Z: the start of a slot in every slot length that divides an hour. */
export const NOON: InstantMs = instantMs(1_782_907_200_000);

/** The price in the middle (k = ½), ticks of 0.001 per kWh, prices from −1 to 5 per kWh. */
export function auctionRules(overrides: Partial<AuctionRules> = {}): AuctionRules {
  return {
    k: { numerator: 1n, denominator: 2n },
    tick: priceMicro(1_000),
    priceFloor: priceMicro(-1_000_000),
    priceCap: priceMicro(5_000_000),
    rationing: "pro-rata",
    ...overrides,
  };
}

/** A street that trades quarter hours up to a day ahead; gates close five minutes before delivery. */
export function marketRules(overrides: Partial<MarketRules> = {}): MarketRules {
  return {
    market: marketId("street"),
    rulesVersion: RULES_VERSION,
    currency: "EUR",
    slotLength: times(MINUTE, 15),
    gateLead: times(MINUTE, 5),
    horizon: DAY,
    auction: auctionRules(),
    residual: { party: partyId("supplier"), importLimit: wattHours(100_000), exportLimit: wattHours(50_000) },
    ...overrides,
  };
}

/** A tender; each step is [micro-currency per kWh or `null` for any price, Wh]. */
export function tender(
  id: string,
  party: string,
  side: Side,
  ...steps: readonly (readonly [price: number | null, energy: number])[]
): Tender {
  return {
    id: tenderId(id),
    party: partyId(party),
    side,
    steps: steps.map(([price, energy]) => ({
      price: price === null ? null : priceMicro(price),
      energy: wattHours(energy),
    })),
  };
}

/** Admits `party`. */
export function registerParty(party: string): Command {
  return { type: "RegisterParty", party: partyId(party) };
}

/** Credits `amount` nano-currency to `party`. */
export function creditAccount(party: string, amount: bigint, reference: string): Command {
  return { type: "CreditAccount", party: partyId(party), amount: amountNano(amount), reference };
}

/** Sets tariff and feed-in price (micro-currency per kWh) for the slots from `from` on. */
export function setTariff(from: InstantMs, tariff: number, feedIn: number): Command {
  return { type: "SetTariff", from, tariff: priceMicro(tariff), feedIn: priceMicro(feedIn) };
}

/** Places `order` in the book of `slot`. */
export function submitTender(slot: InstantMs, order: Tender): Command {
  return { type: "SubmitTender", slot, tender: order };
}

/** Tenders for one slot, each step a price in micro-currency per kWh or `null` and an energy in Wh, negative where it is sold. */
export interface BuiltLot {
  readonly slot: InstantMs;
  readonly prices: readonly (number | null)[];
  readonly energies: readonly number[];
  /** How many steps each tender has. @default one each */
  readonly steps?: readonly number[];
}

/** Places the tenders of `party` in the books of their slots, as the batch `batch`. */
export function submitTenders(party: string, batch: string, ...lots: readonly BuiltLot[]): Command {
  return {
    type: "SubmitTenders",
    party: partyId(party),
    batch: tenderId(batch),
    lots: lots.map(({ slot, prices, energies, steps }) => ({
      slot,
      prices: prices.map((price) => (price === null ? null : priceMicro(price))),
      energies: energies.map(wattHours),
      ...(steps === undefined ? {} : { steps }),
    })),
  };
}

/** Takes back the tender `id` of `party`. */
export function cancelTender(slot: InstantMs, party: string, id: string): Command {
  return { type: "CancelTender", slot, party: partyId(party), tender: tenderId(id) };
}

/** Closes the gate of `slot`. */
export function closeGate(slot: InstantMs): Command {
  return { type: "CloseGate", slot };
}

/** Reports what the meter of `party` counted in `slot`, in Wh. */
export function reportDelivery(slot: InstantMs, party: string, imported: number, exported: number): Command {
  return {
    type: "ReportDelivery",
    slot,
    party: partyId(party),
    imported: wattHours(imported),
    exported: wattHours(exported),
  };
}
