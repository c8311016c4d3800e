/** The table of mechanisms: one row each. */
import {
  auditSession,
  auditUniform,
  clearUniform,
  runSession,
  type AuctionClaim,
  type AuctionResult,
  type Book,
  type Session,
  type SessionClaim,
  type SessionResult,
} from "@micromarket/market";
import { readAuctionBook } from "./auction-book.ts";
import { CDA_BOOK_KEYS, CDA_ORDER_KEYS, readSession } from "./cda-book.ts";
import { readSessionClaim } from "./cda-claim.ts";
import { writeSessionResult } from "./cda-result.ts";
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

/** The continuous double auction: price-time priority. */
export const CDA: Mechanism<Session, SessionResult, SessionClaim> = {
  name: "cda",
  bookKeys: CDA_BOOK_KEYS,
  orderKeys: CDA_ORDER_KEYS,
  readBook: readSession,
  clear: (session) => runSession(session),
  write: writeSessionResult,
  readClaim: readSessionClaim,
  audit: auditSession,
};

/** All mechanisms that this version clears and audits. */
export const MECHANISMS: readonly MechanismRow[] = [mechanismRow(UNIFORM), mechanismRow(CDA)];

/** The mechanisms whose books or orders may have the key. */
export function mechanismsOf(key: string): readonly string[] {
  return MECHANISMS.filter(({ bookKeys, orderKeys }) => bookKeys.includes(key) || orderKeys.includes(key)).map(
    ({ name }) => name,
  );
}
