/** The schemas that have a name in the documents, and what each is in one sentence. */
import {
  AccountChange,
  AlarmView,
  Authority,
  BillView,
  BookView,
  ByBody,
  ControlItem,
  ControlList,
  ControlNews,
  CTS_ANSWERS,
  CTS_REQUESTS,
  DeviceList,
  DimBody,
  EiCanceledResponse,
  EiQuote,
  EiResponse,
  EiRfq,
  EiTender,
  EiTransaction,
  ErrorBody,
  Health,
  InstrumentBookSummary,
  InstrumentData,
  InstrumentSessionSummary,
  Interval,
  LimitView,
  LiveEvent,
  MarketAttributeViolation,
  MarketReferenceData,
  MarketView,
  OpenSlot,
  OrderView,
  PartyList,
  PartyPosition,
  PartyStatement,
  PointReading,
  PositionChange,
  PriceView,
  PrincipalView,
  Problem,
  Product,
  SegmentReferenceData,
  SessionData,
  SiteLimit,
  SlotBook,
  SlotDetail,
  SlotNode,
  SlotPage,
  SlotSummary,
  Snapshot,
  StatementLine,
  StopAnswer,
  Stream,
  TenderIntervalDetail,
  TenderStreamDetail,
  TieView,
  TradesView,
  TransactionView,
  Warrant,
} from "@micromarket/protocol";
import type { TSchema } from "@sinclair/typebox";
import { AnswerBody, BearerView, ChallengeView, PassView, PrincipalList, TicketView } from "../access/access-schema.ts";
import { PrivateEvents, WireProblem } from "../socket/trading-schema.ts";
import type { NamedSchema } from "./json-schema.ts";

const named = (schema: TSchema, says: string): NamedSchema => ({ schema, says });

const VIEWS: Readonly<Record<string, NamedSchema>> = {
  MarketView: named(MarketView, "The market's rules and its present moment."),
  TieView: named(TieView, "The tie to the market above as it is now."),
  SlotSummary: named(SlotSummary, "A slot's result in short."),
  SlotPage: named(SlotPage, "A page of results, newest first."),
  SlotDetail: named(SlotDetail, "A slot's result in full."),
  SlotNode: named(SlotNode, "What a market's place in a tree adds to a slot's result."),
  SlotBook: named(SlotBook, "The book of a cleared slot, and its picture as two curves."),
  OpenSlot: named(OpenSlot, "The indicative result of a slot whose gate is open. It binds nobody."),
  DeviceList: named(DeviceList, "All devices with the last reading of each point."),
  PointReading: named(PointReading, "A point of a device as it was read; its unit is in its name."),
  PartyList: named(PartyList, "All parties that the sender may read, in order of id."),
  PartyPosition: named(PartyPosition, "What a party bought, sold and metered, slot by slot, newest first."),
  PartyStatement: named(PartyStatement, "What a party received and paid, oldest slot first."),
  StatementLine: named(StatementLine, "A line of a statement: what was received or paid, and for what."),
  ControlList: named(ControlList, "Every control, every home's limits, and who stopped everything."),
  ControlItem: named(ControlItem, "One capability of one device; values are in the unit that ends its name."),
  ControlNews: named(ControlNews, "What has changed of the controls."),
  SiteLimit: named(SiteLimit, "What binds the devices of one home together."),
  StopAnswer: named(StopAnswer, "Who stopped the controls; null: nobody."),
  ByBody: named(ByBody, "Who does it, for the record."),
  DimBody: named(DimBody, "The signal of a grid operator: most that a home's controllable devices draw until then."),
  Snapshot: named(Snapshot, "Everything that a stream begins with."),
  LiveEvent: named(LiveEvent, "One event of the live stream."),
  Health: named(Health, "Whether the node works, check by check."),
  Problem: named(Problem, "A refused or failed request: RFC 9457 with a code to program against."),
  WireProblem: named(WireProblem, "A refused or failed request of the trading routes, with a code of the wire."),
  PrivateEvents: named(PrivateEvents, "A page of a party's private stream, with the numbers of the socket."),
};

const ACCESS: Readonly<Record<string, NamedSchema>> = {
  ChallengeView: named(ChallengeView, "What is to be signed: canonical JSON of purpose, server, nonce and at_ms."),
  AnswerBody: named(AnswerBody, "The signed challenge."),
  BearerView: named(BearerView, "A bearer. It is shown once."),
  TicketView: named(TicketView, "A ticket for one upgrade to a socket. It is shown once."),
  PassView: named(PassView, "Who asks, and what they may do."),
  PrincipalList: named(PrincipalList, "All principals but the operator."),
  PrincipalView: named(PrincipalView, "Who is there, and what it may do; the party * is every party."),
};

const TRADING: Readonly<Record<string, NamedSchema>> = {
  ErrorBody: named(
    ErrorBody,
    "What went wrong. A code may be newer than its reader: then class and retryable say what to do.",
  ),
  LimitView: named(LimitView, "A bucket of a limit: how much is left, and when it is full again."),
  OrderView: named(OrderView, "An order as it stands."),
  TransactionView: named(TransactionView, "A transaction of the party with the market."),
  PositionChange: named(PositionChange, "What changed of what the party has in a slot; what does not apply is null."),
  BillView: named(BillView, "What was posted on the party's account: for a slot, or a payment."),
  AccountChange: named(AccountChange, "What changed of the party itself: standing, keys, grants, line of credit."),
  BookView: named(BookView, "The open books: what each would clear at, and its levels where the market shows them."),
  PriceView: named(PriceView, "A price as it was settled, or as it stands."),
  TradesView: named(TradesView, "Anonymous trades of a cleared slot."),
  AlarmView: named(AlarmView, "A check of health that changed."),
  Authority: named(Authority, "What makes a request count in a market that takes signed orders only."),
};

const CTS: Readonly<Record<string, NamedSchema>> = {
  EiTender: named(
    EiTender,
    "A tender: price × 10^priceScale of the currency per kWh, quantity × 10^quantityScale kWh.",
  ),
  EiQuote: named(EiQuote, "An indication; it commits nobody."),
  EiRfq: named(EiRfq, "A request for quotes."),
  EiTransaction: named(EiTransaction, "What was executed: price and quantity are those of the execution."),
  EiResponse: named(EiResponse, "How a request was answered: 200, or a status as of HTTP with a code."),
  EiCanceledResponse: named(EiCanceledResponse, "What became of a cancel."),
  Interval: named(Interval, "A half-open stretch of time."),
  Stream: named(Stream, "Contiguous intervals of equal length."),
  TenderIntervalDetail: named(TenderIntervalDetail, "One slot; a price of null is a tender at any price."),
  TenderStreamDetail: named(TenderStreamDetail, "Several slots: as many tenders, one for each."),
  Warrant: named(Warrant, "An assurance about a product, such as its origin."),
  Product: named(Product, "What is traded: a product of a resource."),
  MarketAttributeViolation: named(MarketAttributeViolation, "Which attribute is against the market's terms, and how."),
  MarketReferenceData: named(MarketReferenceData, "What holds for the whole market."),
  SegmentReferenceData: named(SegmentReferenceData, "What holds for one segment: product, mechanism, limits."),
  SessionData: named(SessionData, "Where the trading session of a segment stands."),
  InstrumentData: named(InstrumentData, "Summaries of instruments: of their sessions, or of their books."),
  InstrumentSessionSummary: named(InstrumentSessionSummary, "Of a cleared instrument: at which price, and how much."),
  InstrumentBookSummary: named(InstrumentBookSummary, "Of an instrument's book, anonymous."),
  ReferenceSubscription: named(
    CTS_REQUESTS.EiManageMarketReferenceData.properties.data,
    "Which reference data is wanted: once, or whenever it changes, or not any more.",
  ),
  CanceledAnswer: named(CTS_ANSWERS.EiCanceledTender.properties.data, "What became of each that was to be cancelled."),
};

function messageData(): Readonly<Record<string, NamedSchema>> {
  const taken = new Set(Object.values(CTS).map(({ schema }) => JSON.stringify(schema)));
  const all = Object.entries({ ...CTS_REQUESTS, ...CTS_ANSWERS });
  return Object.fromEntries(
    all
      .filter(([, { properties }]) => !taken.has(JSON.stringify(properties.data)))
      .map(([type, { properties }]) => [type, named(properties.data, `The data of ${type}.`)]),
  );
}

/** Every named schema, by name. */
export const NAMED_SCHEMAS: Readonly<Record<string, NamedSchema>> = {
  ...VIEWS,
  ...ACCESS,
  ...TRADING,
  ...CTS,
  ...messageData(),
};
