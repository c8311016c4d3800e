/** What a market says of itself: market, segment, session and instruments (CTS 1.0, reference data facet). */
import { Type, type Static } from "@sinclair/typebox";
import { Count, Instant, Integer, Name, nullable } from "../wire/units.ts";
import {
  InstrumentSummaryType,
  MarketMechanismType,
  MmtLevelTwoPhase,
  NegotiationType,
  ResourceDesignatorType,
  SegmentStatusType,
  SessionStatusType,
  SideType,
  StreamTradingType,
} from "./enumerations.ts";
import { Duration, Interval, Product, Uid } from "./objects.ts";

/** What holds for the whole market. */
export const MarketReferenceData = Type.Object({
  marketId: Uid,
  marketName: Name,
  /** The market's own party: the counterparty of every transaction. */
  marketPartyId: Uid,
  currency: Name,
  currencyCodeSource: Name,
  resourceDesignator: ResourceDesignatorType,
  priceScale: Integer,
  tickSize: Count,
  timeOffset: Duration,
  marketMechanismLevelTwo: MmtLevelTwoPhase,
  maximumTrade: Count,
  maximumResourceAmount: Count,
  maximumResourceDuration: Duration,
  maximumResourceUnit: Name,
  segments: Type.Array(Count),
});
export type MarketReferenceData = Static<typeof MarketReferenceData>;

/** What holds for one segment: one product, one mechanism, its own limits. */
export const SegmentReferenceData = Type.Object({
  marketId: Uid,
  segmentId: Count,
  segmentDesc: Type.String(),
  segmentStatus: SegmentStatusType,
  product: Product,
  marketMechanism: MarketMechanismType,
  priceScale: Integer,
  quantityScale: Integer,
  roundLot: Count,
  minTenderQuantity: Count,
  maxTenderQuantity: Count,
  marketDepth: Count,
  tradeableInstrumentRange: Interval,
  streamTradingOk: StreamTradingType,
  executionInstructionsAccepted: Type.Array(Name),
  auctionAtOpen: Type.Boolean(),
  auctionAtClose: Type.Boolean(),
  negotiationsPermitted: Type.Boolean(),
  negotiationsType: NegotiationType,
  privateNegotiationViaMarket: Type.Boolean(),
  tickerQuotes: Type.Boolean(),
  tickerRfqs: Type.Boolean(),
  tickerTenders: Type.Boolean(),
  tickerTransactions: Type.Boolean(),
  marketInstrumentSummaryAvailable: Type.Boolean(),
  maxSummaryInstruments: Count,
  scheduledSessionStartTime: nullable(Instant),
  scheduledSessionOpenTime: nullable(Instant),
  scheduledSessionCloseTime: nullable(Instant),
  tradeEndpoint: Name,
  subscriptionEndpoint: Name,
  messageTimeStamp: Instant,
});
export type SegmentReferenceData = Static<typeof SegmentReferenceData>;

/** Where the trading session of a segment stands. */
export const SessionData = Type.Object({
  marketId: Uid,
  segmentId: Count,
  sessionStatus: SessionStatusType,
  currentTradingPhase: MmtLevelTwoPhase,
  sessionStart: Instant,
  sessionOpen: Instant,
  sessionPreClose: nullable(Instant),
  sessionClose: nullable(Instant),
  tradeableInstrumentRange: Interval,
  messageTimeStamp: Instant,
});
export type SessionData = Static<typeof SessionData>;

/** Of a cleared instrument: at which price, and how much. */
export const InstrumentSessionSummary = Type.Object({
  instrumentStart: Instant,
  firstPrice: nullable(Integer),
  highPrice: nullable(Integer),
  lowPrice: nullable(Integer),
  lastPrice: nullable(Integer),
  volume: Count,
});

/** Of an instrument's book. The parties are the market's own, whoever stands behind an entry. */
export const InstrumentBookSummary = Type.Object({
  instrumentStart: Instant,
  bookEntries: Type.Array(
    Type.Object({ side: SideType, price: nullable(Integer), quantity: Count, party: Uid, counterParty: Uid }),
  ),
});

/** Summaries of instruments: of their sessions, or of their books. */
export const InstrumentData = Type.Object({
  instrumentSummaryType: InstrumentSummaryType,
  sessionSummaries: Type.Optional(Type.Array(InstrumentSessionSummary)),
  bookSummaries: Type.Optional(Type.Array(InstrumentBookSummary)),
});
export type InstrumentData = Static<typeof InstrumentData>;
