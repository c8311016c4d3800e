/** Identifiers as types, so that a party cannot be passed as a tender. */
import { assert } from "./assert.ts";

declare const kind: unique symbol;
type Identifier<Kind extends string> = string & { readonly [kind]: Kind };

/** Who trades: a household, a shop, the supplier. */
export type PartyId = Identifier<"party">;
/** One buy or sell order, unique within its slot. */
export type TenderId = Identifier<"tender">;
/** One market: a microgrid's node in the tree. */
export type MarketId = Identifier<"market">;

/** Longest identifier that files, journals and messages carry, in UTF-16 code units. */
export const IDENTIFIER_LENGTH_MAX = 128;

/** Whether `text` may serve as an identifier: 1 to 128 printable, well-formed characters, no blanks at the ends. */
export function isIdentifier(text: string): boolean {
  return (
    text.length > 0 && text.length <= IDENTIFIER_LENGTH_MAX && text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text)
  );
}

function identifier(text: string, name: string): string {
  assert(
    isIdentifier(text),
    `${name} must be 1 to ${IDENTIFIER_LENGTH_MAX} printable characters, got ${JSON.stringify(text)}`,
  );
  return text;
}

/** A party's identifier; throws on a text that `isIdentifier` refuses. */
export function partyId(text: string): PartyId {
  return identifier(text, "partyId") as PartyId;
}

/** A tender's identifier; throws on a text that `isIdentifier` refuses. */
export function tenderId(text: string): TenderId {
  return identifier(text, "tenderId") as TenderId;
}

/** A market's identifier; throws on a text that `isIdentifier` refuses. */
export function marketId(text: string): MarketId {
  return identifier(text, "marketId") as MarketId;
}
