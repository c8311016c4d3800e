/** The table of mechanisms: one row each. */
import { auditUniform, clearUniform, type AuctionClaim, type AuctionResult, type Book } from "@micromarket/market";
import { readAuctionBook } from "./auction-book.ts";
import { readAuctionClaim } from "./claim-file.ts";
import { mechanismRow, type Mechanism, type MechanismRow } from "./mechanism.ts";
import { writeResult } from "./result-text.ts";

/** The call auction at one price. */
export const UNIFORM: Mechanism<Book, AuctionResult, AuctionClaim> = {
  name: "uniform",
  bookKeys: [],
  orderKeys: [],
  readBook: (fields, scale) => readAuctionBook(fields, scale, { orderKeys: [] }),
  clear: clearUniform,
  write: writeResult,
  readClaim: readAuctionClaim,
  audit: auditUniform,
};

/** All mechanisms that this version clears and audits. */
export const MECHANISMS: readonly MechanismRow[] = [mechanismRow(UNIFORM)];

/** The mechanisms whose books or orders may have the key. */
export function mechanismsOf(key: string): readonly string[] {
  return MECHANISMS.filter(({ bookKeys, orderKeys }) => bookKeys.includes(key) || orderKeys.includes(key)).map(
    ({ name }) => name,
  );
}
