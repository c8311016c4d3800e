/**
 * The enumerations of the Common Transactive Services 1.0 (OASIS Energy Interoperation, CS01), literals as in its UML
 * model. What is not in a list is a violation, never a silent default.
 */
import { oneOf } from "../wire/units.ts";

/** Which side of a tender the party is on. */
export const SIDES = ["BUY", "SELL"] as const;
/** What flows. */
export const RESOURCE_DESIGNATORS = [
  "POWER",
  "ENERGY",
  "TRANSPORT",
  "WATER_PRESSURE",
  "WATER_FLOW",
  "GAS_PRESSURE",
  "GAS_FLOW",
  "BANDWIDTH",
] as const;
/** How a segment matches. */
export const MARKET_MECHANISMS = [
  "MMT_ORDERBOOK",
  "MMT_AUCTION",
  "MMT_QUOTE_DRIVEN",
  "MMT_RFQ",
  "MMT_OFF_BOOK",
  "CTS_SPOT",
  "CTS_RTP",
  "CTS_AUTOSETTLE",
] as const;
/** Where a trading session of a market stands in its day (FIX market model typology, level two; spelled as in the model). */
export const TRADING_PHASES = [
  "PreTrading",
  "OpeningOrOpeningAuction",
  "Continuous",
  "ClosingOrClosingAuction",
  "PostTrading",
  "ScheduleIntradayAuction",
  "Quiescent",
  "AnyAuction",
  "UnscheduleddIntradayAuction",
] as const;
/** Whether a trading session takes tenders. */
export const SESSION_STATUSES = ["UNKNOWN", "HALTED", "OPEN", "CLOSED", "PREOPEN", "PRECLOSE"] as const;
/** Whether a segment is in use. */
export const SEGMENT_STATUSES = ["ACTIVE", "INACTIVE", "PUBLISHED"] as const;
/** Whether a tender may be a stream of slots. */
export const STREAM_TRADING = ["ST_PROHIBITED", "ST_PERMITTED", "ST_REQUIRED"] as const;
/** Who may see negotiations. */
export const NEGOTIATION_TYPES = ["AS_REQUESTED", "PRIVATE_ONLY", "PUBLIC_ONLY"] as const;
/** Why something was cancelled. */
export const CANCEL_REASONS = ["REQUESTED", "SUPERVISORY"] as const;
/** What is wanted of reference data or a ticker. */
export const SUBSCRIPTION_ACTIONS = ["SNAPSHOT", "SNAPSHOT_AND_UPDATES", "CANCEL"] as const;
/** What a ticker tells. */
export const TICKER_TYPES = ["QUOTES", "RFQS", "TENDERS", "TRANSACTIONS"] as const;
/** Whether an update is whole. */
export const UPDATE_TYPES = ["FULL", "INCREMENTAL"] as const;
/** What is summed up of an instrument. */
export const INSTRUMENT_SUMMARIES = ["SESSION", "BOOK"] as const;

/** `SideType` of the standard. */
export const SideType = oneOf(...SIDES);
/** `ResourceDesignatorType` of the standard. */
export const ResourceDesignatorType = oneOf(...RESOURCE_DESIGNATORS);
/** `MarketMechanismType` of the standard. */
export const MarketMechanismType = oneOf(...MARKET_MECHANISMS);
/** `MmtLevelTwoPhase` of the standard. */
export const MmtLevelTwoPhase = oneOf(...TRADING_PHASES);
/** `SessionStatusType` of the standard. */
export const SessionStatusType = oneOf(...SESSION_STATUSES);
/** `SegmentStatusType` of the standard. */
export const SegmentStatusType = oneOf(...SEGMENT_STATUSES);
/** `StreamTradingType` of the standard. */
export const StreamTradingType = oneOf(...STREAM_TRADING);
/** `NegotiationType` of the standard. */
export const NegotiationType = oneOf(...NEGOTIATION_TYPES);
/** `CancelReasonType` of the standard. */
export const CancelReasonType = oneOf(...CANCEL_REASONS);
/** `SubscriptionActionType` of the standard. */
export const SubscriptionActionType = oneOf(...SUBSCRIPTION_ACTIONS);
/** `TickerType` of the standard. */
export const TickerType = oneOf(...TICKER_TYPES);
/** `UpdateType` of the standard. */
export const UpdateType = oneOf(...UPDATE_TYPES);
/** `InstrumentSummaryType` of the standard. */
export const InstrumentSummaryType = oneOf(...INSTRUMENT_SUMMARIES);
