/** What a market node is founded on. Its rules change by a fence only: a snapshot and a new `rulesVersion`. */
import type { Did } from "@micromarket/identity";
import type { DurationMs, MarketId, PartyId, WattHours } from "@micromarket/kernel";
import type { AuctionRules } from "@micromarket/market";
import type { SettlementRules } from "./settlement-rules.ts";

/** The version of the transition rules that this build applies; every journal entry carries it. */
export const RULES_VERSION = 1;

/**
 * The supplier at the root tie: in every slot it offers `importLimit` at the tariff and bids for `exportLimit` at the
 * feed-in price, and it takes every deviation from what was traded.
 */
export interface ResidualCounterparty {
  readonly party: PartyId;
  /** Most energy per slot from the grid into the microgrid. */
  readonly importLimit: WattHours;
  /** Most energy per slot from the microgrid into the grid. */
  readonly exportLimit: WattHours;
}

/** How a market stands in a tree of markets. */
export interface NodeRules {
  /**
   * What is at the other end of the tie: a supplier with a tariff, or a market that takes a position and gives an award.
   * In both cases `residual.party` names it.
   */
  readonly above: "tariff" | "market";
  /** Most steps of a position, its own and those that it takes from below, at least 2; `null`: no limit (laboratory). */
  readonly positionSteps: number | null;
  /** With fewer parties behind a position of several owners it has one step per direction; 0 switches the rule off. */
  readonly membersMin: number;
}

/** What holds for a market founded without `node`. */
export const NODE_DEFAULTS: NodeRules = { above: "tariff", positionSteps: 64, membersMin: 3 };

/** What a market grants to those who speak in sessions. */
export interface SessionRules {
  /** Slots that a slot's root may be late: after them its session takes no message until it is signed. */
  readonly graceSlots: number;
  /** Most sessions of the keys of one party, those whose roots are missing counted. */
  readonly perParty: number;
}

/** What holds for a market founded without `sessions`. */
export const SESSION_DEFAULTS: SessionRules = { graceSlots: 2, perParty: 16 };

/** A market's founding rules. */
export interface MarketRules {
  readonly market: MarketId;
  readonly rulesVersion: number;
  /** ISO 4217 code; all prices and amounts of the market are in it. */
  readonly currency: string;
  readonly slotLength: DurationMs;
  /** The gate of a slot closes this long before the slot starts. */
  readonly gateLead: DurationMs;
  /** Tenders are taken for slots that start at most this long after now. */
  readonly horizon: DurationMs;
  readonly auction: AuctionRules;
  readonly residual: ResidualCounterparty;
  /** @default NODE_DEFAULTS */
  readonly node?: NodeRules;
  /** Absent: trades are posted at once, and nobody is asked for funds. */
  readonly settlement?: SettlementRules;
  /**
   * `signed`: only what is signed by somebody who may counts, and what the node derives from clock and journal.
   * @default "open"
   */
  readonly identity?: "open" | "signed";
  /** @default SESSION_DEFAULTS */
  readonly sessions?: SessionRules;
  /** Who says who takes part; a signed market has one. The key it begins with: it may be rotated. */
  readonly operator?: Did;
}
