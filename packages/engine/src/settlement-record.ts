/** The rules of settlement as a canonical value, and back: a part of a market's founding rules. */
import {
  decodeAs,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeObject,
  decodeOneOf,
  decodeText,
  malformed,
  partsPerMillion,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import { decodeAmount, decodeDuration, decodePrice } from "./decode-quantities.ts";
import type { Funding, ImbalanceRules, SettlementRules } from "./settlement-rules.ts";
import type { View } from "./state.ts";

/** The record of a market's rules of settlement. */
export function settlementRecord(rules: View<SettlementRules>): CanonicalValue {
  const { funding, bond, imbalance, levies, readingsDue, trueUp } = rules;
  return {
    funding: { ...funding },
    bond,
    imbalance: { ...imbalance },
    levies: levies.map(({ name, price }) => ({ name, price })),
    readingsDue,
    trueUp,
  };
}

const decodeShare = decodeAs(
  decodeChecked(decodeInteger, (value) => value >= 0 && value <= 1_000_000, "parts per million"),
  partsPerMillion,
);

const decodeFunding: Decoder<Funding> = decodeVariant<Funding>({
  prepaid: decodeObject({ kind: decodeOneOf("prepaid") }),
  "credit-line": decodeObject({ kind: decodeOneOf("credit-line"), collateral: decodeShare }),
  mutual: decodeObject({ kind: decodeOneOf("mutual"), limit: decodeAmount }),
});

const decodeImbalance: Decoder<ImbalanceRules> = decodeVariant<ImbalanceRules>({
  parent: decodeObject({ kind: decodeOneOf("parent") }),
  dual: decodeObject({ kind: decodeOneOf("dual") }),
  penalty: decodeObject({ kind: decodeOneOf("penalty"), share: decodeShare }),
});

/** Restores rules of settlement. Whether they make sense is `areSettlementRulesSound`'s business. */
export const decodeSettlement: Decoder<SettlementRules> = decodeObject({
  funding: decodeFunding,
  bond: decodeShare,
  imbalance: decodeImbalance,
  levies: decodeList(decodeObject({ name: decodeText, price: decodePrice })),
  readingsDue: decodeDuration,
  trueUp: decodeDuration,
});

/** Of several forms the one that `kind` names. */
function decodeVariant<Value>(variants: Readonly<Record<string, Decoder<Value>>>): Decoder<Value> {
  return (value, path) => {
    const kind: unknown = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
    const decoder = typeof kind === "string" && Object.hasOwn(variants, kind) ? variants[kind] : undefined;
    if (decoder === undefined) return malformed(`${path}.kind`, `one of ${Object.keys(variants).join(", ")}`, kind);
    return decoder(value, path);
  };
}
