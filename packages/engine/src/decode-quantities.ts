/** Decoders of the kernel's quantities and identifiers. */
import {
  amountNano,
  decodeAs,
  decodeBigint,
  decodeChecked,
  decodeInteger,
  decodeText,
  durationMs,
  hashHex,
  instantMs,
  isIdentifier,
  marketId,
  partyId,
  priceMicro,
  tenderId,
  wattHours,
  type Decoder,
} from "@micromarket/kernel";

const decodeIdentifier = decodeChecked(
  decodeText,
  isIdentifier,
  "1 to 128 printable characters, no blanks at the ends",
);

/** Money, nano-currency; at most 40 digits. */
export const decodeAmount = decodeAs(decodeBigint, amountNano);
/** A length of time, milliseconds; not negative. */
export const decodeDuration = decodeAs(
  decodeChecked(decodeInteger, (value) => value >= 0, "milliseconds, not negative"),
  durationMs,
);
/** Energy, Wh. */
export const decodeEnergy = decodeAs(decodeInteger, wattHours);
/** An instant, milliseconds since the Unix epoch. */
export const decodeInstant = decodeAs(decodeInteger, instantMs);
/** A price, micro-currency per kWh. */
export const decodePrice = decodeAs(decodeInteger, priceMicro);
/** A market's identifier. */
export const decodeMarketId = decodeAs(decodeIdentifier, marketId);
/** A party's identifier. */
export const decodePartyId = decodeAs(decodeIdentifier, partyId);
/** A tender's identifier. */
export const decodeTenderId = decodeAs(decodeIdentifier, tenderId);

/** A SHA-256 digest. */
export const decodeHash = decodeAs(
  decodeChecked(decodeText, (text) => /^[0-9a-f]{64}$/.test(text), "64 lower-case hexadecimal digits"),
  hashHex,
);

/** A list of distinct things, as a set. */
export function decodeSet<Item>(decodeItems: Decoder<readonly Item[]>): Decoder<Set<Item>> {
  return decodeAs(decodeItems, (items) => new Set(items));
}

/** A list of keys with their values, as a map. */
export function decodeMap<Key, Value>(
  decodePairs: Decoder<readonly (readonly [Key, Value])[]>,
): Decoder<Map<Key, Value>> {
  return decodeAs(decodePairs, (pairs) => new Map(pairs));
}
