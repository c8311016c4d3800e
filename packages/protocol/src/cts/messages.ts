/**
 * The messages of CTS 1.0 that this market speaks, named as in the standard without `Payload` (with Erratum 01 of 2025:
 * `finalMarketTransaction`). Registration and delivery are those of Energy Interoperation 1.0, whose services CTS is a
 * profile of. On the socket each is a frame of its name; over HTTP the body of `POST /api/v1/cts/NAME`.
 */
import { Type } from "@sinclair/typebox";
import { answerFrame, clientFrame } from "../wire/frame.ts";
import { closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "../wire/units.ts";
import {
  InstrumentSummaryType,
  ResourceDesignatorType,
  SubscriptionActionType,
  TickerType,
  UpdateType,
} from "./enumerations.ts";
import {
  EiCanceledResponse,
  EiQuote,
  EiResponse,
  EiRfq,
  EiTender,
  EiTransaction,
  Interval,
  Stream,
  Uid,
} from "./objects.ts";
import { InstrumentData, MarketReferenceData, SegmentReferenceData, SessionData } from "./reference-data.ts";
import { ClientId } from "../wire/frame.ts";

const parties = { partyId: Uid, counterPartyId: Type.Optional(Uid) };
const place = { marketId: Type.Optional(Uid), segmentId: Type.Optional(Count) };
const answer = { inResponseTo: ClientId, partyId: Uid, counterPartyId: Uid, response: EiResponse };

/**
 * What makes a request count in a market that takes signed orders only: an envelope that the party's key signed, or the
 * place and the code of a message of a signed session. It is over the command that the request comes to
 * (`commandOfTenders`), so that both sides sign and check the same text.
 */
export const Authority = Type.Union([
  closedObject({ envelope: Type.String({ minLength: 1, maxLength: 65_536 }) }),
  closedObject({ session: Name, sequence: Count, mac: Type.String({ pattern: "^[0-9a-f]{64}$" }) }),
]);

const subscription = {
  ...place,
  subscriptionActionRequested: SubscriptionActionType,
  subscriptionId: Type.Optional(Uid),
  partyId: Uid,
  subscriptionRequestId: ClientId,
};
const subscriptionAnswer = {
  multicastListenReference: nullable(Name),
  response: EiResponse,
  subscriptionActionTaken: SubscriptionActionType,
  subscriptionRequestId: ClientId,
  subscriptionId: Uid,
};

/** What a client may send. */
export const CTS_REQUESTS = {
  EiCreateTender: clientFrame(
    "EiCreateTender",
    closedObject({
      requestId: ClientId,
      ...parties,
      ...place,
      executionInstructions: Type.Optional(Type.String({ maxLength: 256 })),
      /** At most one of the tenders may execute. */
      atMostOne: Type.Optional(Type.Boolean()),
      tender: Type.Array(EiTender, { minItems: 1, maxItems: 1_000 }),
      /** Ours: take those that can be taken; else all or none. @default false */
      partial: Type.Optional(Type.Boolean()),
      authority: Type.Optional(Authority),
    }),
  ),
  EiCancelTender: clientFrame(
    "EiCancelTender",
    closedObject({
      requestId: ClientId,
      ...parties,
      /** By one's own ids, or by the market's; neither: all that are open. */
      tenderId: Type.Optional(Type.Array(ClientId, { minItems: 1, maxItems: 1_000 })),
      marketOrderId: Type.Optional(Type.Array(Uid, { minItems: 1, maxItems: 1_000 })),
      authority: Type.Optional(Authority),
    }),
  ),
  EiCreatedTransaction: clientFrame(
    "EiCreatedTransaction",
    closedObject({
      ...parties,
      transactionId: Uid,
      recipientTransactionId: Type.Optional(Uid),
      response: Type.Optional(Type.Unknown()),
      refId: Type.Optional(Uid),
    }),
  ),
  EiRequestTransaction: clientFrame(
    "EiRequestTransaction",
    closedObject({ requestId: ClientId, ...parties, ...place, boundingInterval: Interval }),
  ),
  EiRequestTender: clientFrame(
    "EiRequestTender",
    closedObject({
      requestId: ClientId,
      ...parties,
      ...place,
      tenderId: Type.Optional(Type.Array(ClientId, { minItems: 1, maxItems: 1_000 })),
      boundingInterval: Type.Optional(Interval),
    }),
  ),
  EiRequestPosition: clientFrame(
    "EiRequestPosition",
    closedObject({
      requestId: ClientId,
      requestor: Uid,
      positionParty: Uid,
      marketId: Type.Optional(Uid),
      resourceDesignator: ResourceDesignatorType,
      boundingInterval: Interval,
    }),
  ),
  EiCreateDelivery: clientFrame(
    "EiCreateDelivery",
    closedObject({
      requestId: ClientId,
      ...parties,
      ...place,
      resourceDesignator: ResourceDesignatorType,
      boundingInterval: Interval,
      /** true: what flowed into the grid; false: what was taken from it. */
      injection: Type.Boolean(),
    }),
  ),
  EiCreatePartyRegistration: clientFrame(
    "EiCreatePartyRegistration",
    closedObject({
      requestId: ClientId,
      registreePartyId: Uid,
      /** The key of the party, by which it signs. */
      did: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
      /**
       * How it is known what the party delivers. Nobody says over this API what a meter counted: `metered` is for a party
       * whose meter the market reads. By default `financial`: it delivers nothing.
       */
      delivery: Type.Optional(oneOf("metered", "scheduled", "financial")),
    }),
  ),
  EiRequestPartyRegistration: clientFrame(
    "EiRequestPartyRegistration",
    closedObject({ requestId: ClientId, registreePartyId: Type.Optional(Uid) }),
  ),
  EiCancelPartyRegistration: clientFrame(
    "EiCancelPartyRegistration",
    closedObject({ requestId: ClientId, registreePartyId: Uid, authority: Type.Optional(Authority) }),
  ),
  EiCreateRfq: clientFrame(
    "EiCreateRfq",
    closedObject({
      requestId: ClientId,
      ...parties,
      requestPrivate: Type.Optional(Type.Boolean()),
      requestPublication: Type.Optional(Type.Boolean()),
      rfq: EiRfq,
    }),
  ),
  EiCreateQuote: clientFrame(
    "EiCreateQuote",
    closedObject({
      requestId: ClientId,
      ...parties,
      ...place,
      resourceDesignator: Type.Optional(ResourceDesignatorType),
      executionInstructions: Type.Optional(Type.String({ maxLength: 256 })),
      atMostOne: Type.Optional(Type.Boolean()),
      requestPrivate: Type.Optional(Type.Boolean()),
      requestPublication: Type.Optional(Type.Boolean()),
      quote: Type.Array(EiQuote, { minItems: 1, maxItems: 100 }),
    }),
  ),
  EiCancelQuote: clientFrame(
    "EiCancelQuote",
    closedObject({
      requestId: ClientId,
      ...parties,
      marketQuoteIds: Type.Optional(Type.Array(Uid, { minItems: 1, maxItems: 100 })),
      quoteIds: Type.Optional(Type.Array(ClientId, { minItems: 1, maxItems: 100 })),
    }),
  ),
  EiAcceptQuote: clientFrame(
    "EiAcceptQuote",
    closedObject({
      requestId: ClientId,
      ...parties,
      referencedQuoteId: Uid,
      transaction: Type.Optional(EiTransaction),
    }),
  ),
  EiRejectQuote: clientFrame(
    "EiRejectQuote",
    closedObject({ requestId: ClientId, ...parties, referencedQuoteId: Uid }),
  ),
  EiManageMarketReferenceData: clientFrame("EiManageMarketReferenceData", closedObject(subscription)),
  EiManageSegmentReferenceData: clientFrame("EiManageSegmentReferenceData", closedObject(subscription)),
  EiManageSessionData: clientFrame("EiManageSessionData", closedObject(subscription)),
  EiManageInstrumentData: clientFrame(
    "EiManageInstrumentData",
    closedObject({
      ...subscription,
      boundingInterval: Interval,
      instrumentSummaryType: InstrumentSummaryType,
      marketDepth: Type.Optional(Count),
      updateType: Type.Optional(UpdateType),
    }),
  ),
  EiManageTickerSubscription: clientFrame(
    "EiManageTickerSubscription",
    closedObject({ ...subscription, tickerType: TickerType }),
  ),
} as const;

const tenderAnswer = Type.Object({
  tenderId: ClientId,
  marketOrderId: nullable(Uid),
  /** One of `ORDER_VIEW_STATES`. */
  state: Name,
  response: EiResponse,
});

/** What the market answers, and what it says of its own accord. */
export const CTS_ANSWERS = {
  EiCreatedTender: answerFrame(
    "EiCreatedTender",
    Type.Object({
      ...answer,
      /** Of a request with one tender. */
      tenderId: Type.Optional(ClientId),
      marketOrderId: Type.Optional(Uid),
      tenders: Type.Array(tenderAnswer),
      /** The same request was answered before; this is that answer. */
      duplicate: Type.Boolean(),
    }),
  ),
  EiCanceledTender: answerFrame(
    "EiCanceledTender",
    Type.Object({ ...answer, eiCanceledResponse: Type.Array(EiCanceledResponse) }),
  ),
  /** Independent push: something was executed. */
  EiCreateTransaction: answerFrame(
    "EiCreateTransaction",
    Type.Object({
      requestId: Uid,
      partyId: Uid,
      counterPartyId: Uid,
      marketTransactionId: Uid,
      transaction: EiTransaction,
    }),
  ),
  EiReplyTransaction: answerFrame(
    "EiReplyTransaction",
    Type.Object({ ...answer, transactions: Type.Array(EiTransaction) }),
  ),
  /** `quantity` is what was asked for, `price` the limit. Open orders stand until `expirationTime`; `state` is as in `order.update`. */
  EiReplyTender: answerFrame(
    "EiReplyTender",
    Type.Object({
      ...answer,
      tenders: Type.Array(Type.Object({ ...EiTender.properties, state: Name, remainingQuantity: Count })),
    }),
  ),
  /** Positive was bought, negative sold; as many intervals as the interval asked for has slots that are known. */
  EiReplyPosition: answerFrame(
    "EiReplyPosition",
    Type.Object({
      inResponseTo: ClientId,
      requestor: Uid,
      positionParty: Uid,
      boundingInterval: Interval,
      positions: nullable(Stream),
      response: EiResponse,
    }),
  ),
  EiCreatedDelivery: answerFrame(
    "EiCreatedDelivery",
    Type.Object({
      ...answer,
      /** `null`: nothing was metered yet. */
      delivery: nullable(Type.Object({ injection: Type.Boolean(), stream: Stream })),
      createdDateTime: Instant,
    }),
  ),
  EiCreatedPartyRegistration: answerFrame(
    "EiCreatedPartyRegistration",
    Type.Object({
      inResponseTo: ClientId,
      registrarPartyId: Uid,
      registrationId: nullable(Uid),
      registreePartyId: Uid,
      state: Name,
      response: EiResponse,
    }),
  ),
  EiReplyPartyRegistration: answerFrame(
    "EiReplyPartyRegistration",
    Type.Object({
      inResponseTo: ClientId,
      registrations: Type.Array(Type.Object({ registrationId: Uid, registreePartyId: Uid, state: Name })),
      response: EiResponse,
    }),
  ),
  EiCanceledPartyRegistration: answerFrame(
    "EiCanceledPartyRegistration",
    Type.Object({ inResponseTo: ClientId, registreePartyId: Uid, response: EiResponse }),
  ),
  EiCreatedRfq: answerFrame("EiCreatedRfq", Type.Object({ ...answer, rfqId: ClientId, marketRfqId: nullable(Uid) })),
  EiCreatedQuote: answerFrame(
    "EiCreatedQuote",
    Type.Object({
      ...answer,
      quotes: Type.Array(Type.Object({ quoteId: ClientId, marketQuoteId: nullable(Uid), response: EiResponse })),
    }),
  ),
  EiCanceledQuote: answerFrame(
    "EiCanceledQuote",
    Type.Object({ ...answer, eiCanceledResponse: Type.Array(EiCanceledResponse) }),
  ),
  EiAcceptedQuote: answerFrame(
    "EiAcceptedQuote",
    Type.Object({
      ...answer,
      transactionId: nullable(Uid),
      recipientTransactionId: nullable(Uid),
      finalMarketTransaction: nullable(EiTransaction),
    }),
  ),
  EiRejectedQuote: answerFrame("EiRejectedQuote", Type.Object({ ...answer, referencedQuoteId: Uid })),
  EiManagedMarketReferenceData: answerFrame(
    "EiManagedMarketReferenceData",
    Type.Object({ ...subscriptionAnswer, marketReferenceData: MarketReferenceData }),
  ),
  EiManagedSegmentReferenceData: answerFrame(
    "EiManagedSegmentReferenceData",
    Type.Object({ ...subscriptionAnswer, segmentReferenceData: Type.Array(SegmentReferenceData) }),
  ),
  EiManagedSessionData: answerFrame(
    "EiManagedSessionData",
    Type.Object({ ...subscriptionAnswer, sessionData: Type.Array(SessionData) }),
  ),
  EiManagedInstrumentData: answerFrame(
    "EiManagedInstrumentData",
    Type.Object({ ...subscriptionAnswer, instrumentData: InstrumentData }),
  ),
  EiManagedTickerSubscription: answerFrame(
    "EiManagedTickerSubscription",
    Type.Object({ ...subscriptionAnswer, tickerType: TickerType }),
  ),
  /** What a ticker tells; the parties are the market's own. */
  EiTicker: answerFrame(
    "EiTicker",
    Type.Object({
      subscriptionId: Uid,
      tickerType: TickerType,
      party: Uid,
      counterParty: Uid,
      quote: Type.Optional(EiQuote),
      rfq: Type.Optional(EiRfq),
      tender: Type.Optional(Type.Object({ side: Name, price: nullable(Integer), quantity: Count, interval: Interval })),
      transaction: Type.Optional(Type.Object({ price: Integer, quantity: Count, interval: Interval })),
    }),
  ),
} as const;
