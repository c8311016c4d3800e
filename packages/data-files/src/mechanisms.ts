/** The table of mechanisms: one row each. */
import {
  auditDemandCurve,
  auditHuang,
  auditMcAfee,
  auditMidMarketRate,
  auditPayAsBid,
  auditSession,
  auditSharingKey,
  auditUniform,
  clearDemandCurve,
  clearHuang,
  clearMcAfee,
  clearMidMarketRate,
  clearPayAsBid,
  clearSharingKey,
  clearUniform,
  runSession,
  type AuctionClaim,
  type AuctionResult,
  type Book,
  type CommunityBook,
  type CurveResult,
  type MechanismClaim,
  type MechanismResult,
  type PoolResult,
  type Session,
  type SessionClaim,
  type SessionResult,
  type SharingBook,
  type SharingResult,
  type TwoPriceResult,
} from "@micromarket/market";
import { readAuctionBook } from "./auction-book.ts";
import { CDA_BOOK_KEYS, CDA_ORDER_KEYS, readSession } from "./cda-book.ts";
import { readSessionClaim } from "./cda-claim.ts";
import { writeSessionResult } from "./cda-result.ts";
import { readAuctionClaim, readMechanismClaim } from "./claim-file.ts";
import { readCommunityBook, readSharingBook } from "./community-book.ts";
import type { JsonFields } from "./json-fields.ts";
import { mechanismRow, type Mechanism, type MechanismRow } from "./mechanism.ts";
import { writeCurves, writePool, writeSharing, writeTwoPrices } from "./mechanism-text.ts";
import { writeResult } from "./result-text.ts";

/** What the mechanisms that take bids have in common. */
const OF_BIDS = {
  bookKeys: [],
  orderKeys: [],
  readBook: (fields: JsonFields, scale: number): Book | null => readAuctionBook(fields, scale, { orderKeys: [] }),
};

/** The call auction at one price. */
export const UNIFORM: Mechanism<Book, AuctionResult, AuctionClaim> = {
  ...OF_BIDS,
  name: "uniform",
  clear: clearUniform,
  write: (result, context) => writeResult(result, context),
  readClaim: readAuctionClaim,
  audit: auditUniform,
};

/** The call auction in which everybody pays its own bid. */
export const PAY_AS_BID: Mechanism<Book, MechanismResult, MechanismClaim> = {
  ...OF_BIDS,
  name: "pay-as-bid",
  clear: clearPayAsBid,
  write: (result, context) => writeResult(result, context),
  readClaim: readMechanismClaim,
  audit: auditPayAsBid,
};

/** The equilibrium of piecewise linear net demand. */
export const DEMAND_CURVE: Mechanism<Book, CurveResult, MechanismClaim> = {
  ...OF_BIDS,
  name: "demand-curve",
  clear: clearDemandCurve,
  write: writeCurves,
  readClaim: readMechanismClaim,
  audit: auditDemandCurve,
};

/** McAfee's double auction. */
export const MCAFEE: Mechanism<Book, TwoPriceResult, MechanismClaim> = {
  ...OF_BIDS,
  name: "mcafee",
  clear: clearMcAfee,
  write: writeTwoPrices,
  readClaim: readMechanismClaim,
  audit: auditMcAfee,
};

/** The multi-unit double auction of Huang, Scheller-Wolf and Sycara. */
export const HUANG: Mechanism<Book, TwoPriceResult, MechanismClaim> = {
  ...OF_BIDS,
  name: "huang",
  clear: clearHuang,
  write: writeTwoPrices,
  readClaim: readMechanismClaim,
  audit: auditHuang,
};

/** The mid-market rate of a community. */
export const MID_MARKET_RATE: Mechanism<CommunityBook, PoolResult, MechanismClaim> = {
  name: "mid-market-rate",
  bookKeys: ["retailPrice", "feedInPrice"],
  orderKeys: [],
  readBook: readCommunityBook,
  clear: clearMidMarketRate,
  write: writePool,
  readClaim: readMechanismClaim,
  audit: auditMidMarketRate,
};

/** A community's sharing keys. */
export const SHARING_KEY: Mechanism<SharingBook, SharingResult, MechanismClaim> = {
  name: "sharing-key",
  bookKeys: ["retailPrice", "feedInPrice", "keys", "communityPrice"],
  orderKeys: [],
  readBook: readSharingBook,
  clear: clearSharingKey,
  write: writeSharing,
  readClaim: readMechanismClaim,
  audit: auditSharingKey,
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
export const MECHANISMS: readonly MechanismRow[] = [
  mechanismRow(UNIFORM),
  mechanismRow(PAY_AS_BID),
  mechanismRow(DEMAND_CURVE),
  mechanismRow(MCAFEE),
  mechanismRow(HUANG),
  mechanismRow(MID_MARKET_RATE),
  mechanismRow(SHARING_KEY),
  mechanismRow(CDA),
];

/** The mechanisms whose books or orders may have the key. */
export function mechanismsOf(key: string): readonly string[] {
  return MECHANISMS.filter(({ bookKeys, orderKeys }) => bookKeys.includes(key) || orderKeys.includes(key)).map(
    ({ name }) => name,
  );
}
