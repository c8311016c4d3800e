/** What a market needs to settle by meter, as canonical values, and back: a part of every snapshot of such a market. */
import {
  compareText,
  decodeAs,
  decodeBoolean,
  decodeChecked,
  decodeList,
  decodeObject,
  decodePair,
  type CanonicalValue,
  type Decoder,
  type PartyId,
} from "@micromarket/kernel";
import {
  decodeEnergy,
  decodeInstant,
  decodeMap,
  decodePartyId,
  decodePrice,
  decodeTenderId,
} from "./decode-quantities.ts";
import type { CounterReading, EstimatedSlot, OpenTrades, StateView, View } from "./state.ts";

/** The record of the trades that a slot will settle. */
export function openTradesRecord({ trades, price, above, readings }: View<OpenTrades>): CanonicalValue {
  return {
    trades: trades.map(({ buy, sell, buyer, seller, price: at, energy }) => {
      return { buy, sell, buyer, seller, price: at, energy };
    }),
    price,
    above: { taking: above.taking, giving: above.giving },
    readings: byParty(readings).map(([party, { imported, exported, isEstimate }]) => {
      return [party, { imported, exported, isEstimate }];
    }),
  };
}

/** Late readings and counters; a market without them has no word of it. */
export function readingsRecord({ estimated, meters }: StateView): Record<string, CanonicalValue> {
  return {
    ...(estimated.size === 0
      ? {}
      : { estimated: [...estimated].map(([slot, record]) => [slot, estimatedRecord(record)]) }),
    ...(meters.size === 0
      ? {}
      : { meters: byParty(meters).map(([party, { at, imported, exported }]) => [party, { at, imported, exported }]) }),
  };
}

function estimatedRecord({ prices, price, isByAward, missing }: View<EstimatedSlot>): CanonicalValue {
  return {
    prices: { taking: prices.taking, giving: prices.giving },
    price,
    isByAward,
    missing: byParty(missing).map(([party, { imported, exported, traded }]) => [party, { imported, exported, traded }]),
  };
}

function byParty<Value>(values: ReadonlyMap<PartyId, Value>): readonly (readonly [PartyId, Value])[] {
  return [...values].sort(([a], [b]) => compareText(a, b));
}

const decodePrices = decodeObject({ taking: decodePrice, giving: decodePrice });

/** Restores the trades that a slot will settle. */
export const decodeOpenTrades: Decoder<OpenTrades> = decodeObject({
  trades: decodeList(
    decodeObject({
      buy: decodeTenderId,
      sell: decodeTenderId,
      buyer: decodePartyId,
      seller: decodePartyId,
      price: decodePrice,
      energy: decodeEnergy,
    }),
  ),
  price: decodePrice,
  above: decodePrices,
  readings: decodeMap(
    decodeList(
      decodePair(
        decodePartyId,
        decodeObject({ imported: decodeEnergy, exported: decodeEnergy, isEstimate: decodeBoolean }),
      ),
    ),
  ),
});

const decodeMissing = decodeAs(
  decodeObject({ imported: decodeEnergy, exported: decodeEnergy, traded: decodeEnergy }),
  (reading) => ({ ...reading, isEstimate: true }),
);

const decodeEstimatedSlot: Decoder<EstimatedSlot> = decodeObject({
  prices: decodePrices,
  price: decodePrice,
  isByAward: decodeBoolean,
  missing: decodeChecked(
    decodeMap(decodeList(decodePair(decodePartyId, decodeMissing))),
    (missing) => missing.size > 0,
    "a slot with readings that are missing",
  ),
});

/** Restores slots whose late readings still count. */
export const decodeEstimated = decodeMap(decodeList(decodePair(decodeInstant, decodeEstimatedSlot)));

const decodeCounters: Decoder<CounterReading> = decodeObject({
  at: decodeInstant,
  imported: decodeEnergy,
  exported: decodeEnergy,
});

/** Restores the last readings of the counters. */
export const decodeMeters = decodeMap(decodeList(decodePair(decodePartyId, decodeCounters)));
