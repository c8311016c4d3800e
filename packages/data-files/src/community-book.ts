/** Reads the books of energy communities: readings, the supplier's two prices, and the keys by which they share. */
import { parseDecimal, type PriceMicro } from "@micromarket/kernel";
import type { CommunityBook, SharingBook } from "@micromarket/market";
import { readAuctionBook } from "./auction-book.ts";
import { complain, complainOfType, priceField, type JsonFields } from "./json-fields.ts";
import { isJsonObject, NumberText, type JsonValue } from "./json-text.ts";

/** Digits after the point that a key may have. */
const KEY_DIGITS = 9;

/** Reads a community's book; `null` after a complaint. */
export function readCommunityBook(fields: JsonFields, scale: number): CommunityBook | null {
  const book = readAuctionBook(fields, scale, { orderKeys: [], priceOptional: true });
  const retailPrice = neededPrice(fields, "retailPrice", scale);
  const feedInPrice = neededPrice(fields, "feedInPrice", scale);
  if (book === null || retailPrice === null || feedInPrice === null) return null;
  if (feedInPrice <= retailPrice) return { ...book, retailPrice, feedInPrice };
  const what = "the feed-in price is above the retail price, so that trading inside would harm somebody";
  return complain(fields, "feedInPrice", { code: "FEED_IN_ABOVE_RETAIL", what, mend: "swap the two" });
}

/** Reads the book of a community with sharing keys; `null` after a complaint. */
export function readSharingBook(fields: JsonFields, scale: number): SharingBook | null {
  const book = readCommunityBook(fields, scale);
  const before = fields.reading.problems.count();
  const communityPrice = priceField(fields, "communityPrice", scale);
  const keys = readKeys(fields);
  if (book === null || fields.reading.problems.count() > before) return null;
  const { retailPrice, feedInPrice } = book;
  if (communityPrice === null || (communityPrice >= feedInPrice && communityPrice <= retailPrice)) {
    return { ...book, communityPrice, keys };
  }
  const what =
    "the community's price is not between feed-in and retail price, so that trading inside would harm somebody";
  const mend = "choose one between the two, or leave it out for the middle";
  return complain(fields, "communityPrice", { code: "COMMUNITY_PRICE_OUTSIDE", what, mend });
}

function neededPrice(fields: JsonFields, key: string, scale: number): PriceMicro | null {
  const value = fields.object[key] ?? undefined;
  if (value === undefined) return complainOfType(fields, key, value, "the supplier's price, a number");
  return priceField(fields, key, scale);
}

/** Weights by party as whole numbers of 10^−9; `null` where there are none. */
function readKeys(fields: JsonFields): ReadonlyMap<string, number> | null {
  const value = fields.object["keys"] ?? null;
  if (value === null) return null;
  if (!isJsonObject(value)) return complainOfType(fields, "keys", value, 'an object: { "party": share, … }');
  const inner: JsonFields = { ...fields, object: value, path: [...fields.path, "keys"] };
  const keys = new Map<string, number>();
  let sum = 0;
  for (const [party, share] of Object.entries(value)) {
    const key = readKey(inner, party, share);
    if (key === null) continue;
    sum += key;
    keys.set(party, key);
  }
  if (Number.isSafeInteger(sum)) return keys;
  const what = `the keys sum to more than ${Math.floor(Number.MAX_SAFE_INTEGER / 10 ** KEY_DIGITS)}`;
  return complain(fields, "keys", { code: "NUMBER_TOO_LARGE", what, mend: "write shares of 1, or percent" });
}

function readKey(fields: JsonFields, party: string, value: JsonValue): number | null {
  const parsed = value instanceof NumberText ? parseDecimal(value.text, KEY_DIGITS) : null;
  const key = parsed?.ok === true ? Number(parsed.value) : Number.NaN;
  if (Number.isSafeInteger(key) && key >= 0) return key;
  return complainOfType(
    fields,
    party,
    value,
    `a share of at least 0 with at most ${KEY_DIGITS} digits after the point`,
  );
}
