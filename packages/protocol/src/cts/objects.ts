/**
 * What CTS messages are made of (CTS 1.0, sections on tender, transaction, quote; facts as collected in docs/PROTOCOL.md).
 * Ids are texts, prices and quantities integers whose base-10 exponents are `priceScale` and `quantityScale`, instants
 * RFC 3339 in UTC, durations ISO 8601; an interval is half-open.
 */
import { Type, type Static } from "@sinclair/typebox";
import { ClientId } from "../wire/frame.ts";
import { closedObject, Count, Instant, Integer, Name, nullable } from "../wire/units.ts";
import { CancelReasonType, ResourceDesignatorType, SideType } from "./enumerations.ts";

/** An id that somebody else gave. */
export const Uid = Type.String({ minLength: 1, maxLength: 160 });

/** ISO 8601: days, hours, minutes, seconds. */
export const Duration = Type.String({
  pattern: "^P(?!$)(\\d{1,5}D)?(T(?!$)(\\d{1,6}H)?(\\d{1,6}M)?(\\d{1,9}(\\.\\d{1,3})?S)?)?$",
});

/** A half-open stretch of time. */
export const Interval = closedObject({ dtStart: Instant, duration: Duration });
export type Interval = Static<typeof Interval>;

/** Contiguous intervals of equal length. */
export const Stream = closedObject({
  streamStart: Instant,
  streamIntervalDuration: Duration,
  streamIntervals: Type.Array(
    closedObject({ streamUid: Count, streamIntervalPrice: nullable(Integer), streamIntervalQuantity: Integer }),
    { minItems: 1, maxItems: 1_000 },
  ),
});
export type Stream = Static<typeof Stream>;

/** One slot; `price: null` is a tender at any price. */
export const TenderIntervalDetail = closedObject({ interval: Interval, price: nullable(Integer), quantity: Integer });
/** Several slots: as many tenders, one for each. */
export const TenderStreamDetail = closedObject({ stream: Stream });

/** An assurance about a product, such as its origin. Each makes a product, and so a book, of its own. */
export const Warrant = closedObject({ warrantId: Uid, warrantSummary: Type.Optional(Type.String()) });

const tenderBase = {
  allOrNone: Type.Optional(Type.Boolean()),
  executionInstructions: Type.Optional(Type.String({ maxLength: 256 })),
  /** In market time. */
  expirationTime: Type.Optional(Instant),
  marketId: Type.Optional(Uid),
  priceScale: Integer,
  quantityScale: Integer,
  resourceDesignator: ResourceDesignatorType,
  side: SideType,
  tenderDetail: Type.Union([TenderIntervalDetail, TenderStreamDetail]),
  warrants: Type.Optional(Type.Array(Warrant, { maxItems: 16 })),
};

/** A tender. `tenderId` is the tenderer's own, `marketOrderId` the market's. */
export const EiTender = closedObject({
  ...tenderBase,
  tenderId: ClientId,
  marketOrderId: Type.Optional(Uid),
  referencedQuoteId: Type.Optional(Uid),
});
export type EiTender = Static<typeof EiTender>;

/** An indication; it commits nobody. */
export const EiQuote = closedObject({
  ...tenderBase,
  quoteId: ClientId,
  marketOrderId: Type.Optional(Uid),
  privateQuote: Type.Optional(Type.Boolean()),
  tradeable: Type.Optional(Type.Boolean()),
  rfqId: Type.Optional(Uid),
});
export type EiQuote = Static<typeof EiQuote>;

/** A request for quotes. */
export const EiRfq = closedObject({
  ...tenderBase,
  tenderDetail: Type.Optional(tenderBase.tenderDetail),
  rfqId: ClientId,
  marketRfqId: Type.Optional(Uid),
  boundingInterval: Interval,
  duration: Type.Optional(Duration),
  privateRfq: Type.Optional(Type.Boolean()),
  tradeableOnlyResponse: Type.Optional(Type.Boolean()),
});
export type EiRfq = Static<typeof EiRfq>;

/** What was executed: price and quantity of the embedded tender are those of the execution. */
export const EiTransaction = closedObject({ marketTransactionId: Uid, tender: EiTender });
export type EiTransaction = Static<typeof EiTransaction>;

/** Which attribute of a message is against the market's terms, and how. */
export const MarketAttributeViolation = closedObject({ attributeViolated: Name, responseDescription: Type.String() });
export type MarketAttributeViolation = Static<typeof MarketAttributeViolation>;

/** How a request was answered: 200, or a status as of HTTP. */
export const EiResponse = Type.Object({
  responseCode: Type.Integer({ minimum: 100, maximum: 599 }),
  responseDescription: Type.String(),
  refId: Uid,
  createdDateTime: Instant,
  responseTermsViolated: Type.Optional(Type.Array(MarketAttributeViolation)),
  /** Ours: a code to program against (`error-code.ts`). */
  code: Type.Optional(Name),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type EiResponse = Static<typeof EiResponse>;

/** What became of a cancel. */
export const EiCanceledResponse = Type.Object({
  cancelReason: CancelReasonType,
  marketOrderId: Uid,
  remainingQuantity: Count,
  success: Type.Boolean(),
});
export type EiCanceledResponse = Static<typeof EiCanceledResponse>;

/** What is traded: a product of a resource. */
export const Product = Type.Object({
  resourceDesignator: ResourceDesignatorType,
  resourceDescription: Type.String(),
  resourceUnit: Name,
  duration: Duration,
  quantityScale: Integer,
  warrantId: nullable(Uid),
});
