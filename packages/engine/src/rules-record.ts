/** Founding rules as a canonical value, and back: the genesis of the journal's chain and a part of every snapshot. */
import {
  decodeBigint,
  decodeInteger,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodeText,
  type CanonicalValue,
  type Decoder,
  type HashHex,
} from "@micromarket/kernel";
import { genesisHash } from "@micromarket/ledger";
import { decodeDuration, decodeEnergy, decodeMarketId, decodePartyId, decodePrice } from "./decode-quantities.ts";
import type { MarketRules } from "./rules.ts";
import { decodeSettlement, settlementRecord } from "./settlement-record.ts";
import type { View } from "./state.ts";

/** The record of a market's founding rules. */
export function rulesRecord(rules: View<MarketRules>): CanonicalValue {
  const { market, rulesVersion, currency, slotLength, gateLead, horizon, auction, residual, node } = rules;
  const { identity, operator, settlement, sessions } = rules;
  const { k, tick, priceFloor, priceCap, rationing } = auction;
  const { party, importLimit, exportLimit } = residual;
  return {
    market,
    rulesVersion,
    currency,
    slotLength,
    gateLead,
    horizon,
    auction: { k: { numerator: k.numerator, denominator: k.denominator }, tick, priceFloor, priceCap, rationing },
    residual: { party, importLimit, exportLimit },
    ...(node === undefined ? {} : { node: { ...node } }),
    ...(settlement === undefined ? {} : { settlement: settlementRecord(settlement) }),
    ...(identity === undefined ? {} : { identity }),
    ...(operator === undefined ? {} : { operator }),
    ...(sessions === undefined ? {} : { sessions: { ...sessions } }),
  };
}

/** Restores founding rules. Whether they make sense is `checkMarketRules`' business. */
export const decodeRules: Decoder<MarketRules> = decodeObject(
  {
    market: decodeMarketId,
    rulesVersion: decodeInteger,
    currency: decodeText,
    slotLength: decodeDuration,
    gateLead: decodeDuration,
    horizon: decodeDuration,
    auction: decodeObject({
      k: decodeObject({ numerator: decodeBigint, denominator: decodeBigint }),
      tick: decodePrice,
      priceFloor: decodeNullable(decodePrice),
      priceCap: decodeNullable(decodePrice),
      rationing: decodeOneOf("pro-rata", "time-priority"),
    }),
    residual: decodeObject({ party: decodePartyId, importLimit: decodeEnergy, exportLimit: decodeEnergy }),
  },
  {
    node: decodeObject({
      above: decodeOneOf("tariff", "market"),
      positionSteps: decodeNullable(decodeInteger),
      membersMin: decodeInteger,
    }),
    settlement: decodeSettlement,
    identity: decodeOneOf("open", "signed"),
    operator: decodeText,
    sessions: decodeObject({ graceSlots: decodeInteger, perParty: decodeInteger }),
  },
);

/** The hash that the first entry of this market's journal hangs on. */
export function marketGenesis(rules: View<MarketRules>): HashHex {
  return genesisHash(rulesRecord(rules));
}
