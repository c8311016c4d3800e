/** A tender as a canonical value, and back: it stands in commands and in snapshots. */
import {
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import type { Tender, TenderCondition } from "@micromarket/market";
import { decodeEnergy, decodePartyId, decodePrice, decodeTenderId } from "./decode-quantities.ts";
import type { View } from "./state.ts";

/** The record of a tender. An empty list of conditions is no field. */
export function tenderRecord({ id, party, side, steps, conditions = [] }: View<Tender>): CanonicalValue {
  const divisible = { id, party, side, steps: steps.map(({ price, energy }) => ({ price, energy })) };
  return conditions.length > 0 ? { ...divisible, conditions } : divisible;
}

/** Restores a tender. What the auction will not take, e.g. an energy of 0, is not this decoder's business. */
export const decodeTender: Decoder<Tender> = decodeObject(
  {
    id: decodeTenderId,
    party: decodePartyId,
    side: decodeOneOf("buy", "sell"),
    steps: decodeList(decodeObject({ price: decodeNullable(decodePrice), energy: decodeEnergy })),
  },
  {
    conditions: decodeList(decodeOneOf<TenderCondition>("allOrNone", "minQuantity", "parent", "group", "slots")),
  },
);
