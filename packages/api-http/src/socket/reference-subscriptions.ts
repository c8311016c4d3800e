/**
 * Reference data and tickers in the words of CTS: told once, or again whenever they change, until they are cancelled or
 * the session ends.
 *
 * Invariant: what is public names the market's own party in place of every member.
 */
import {
  acceptedResponse,
  formatDuration,
  instantText,
  marketPartyOf,
  marketReferenceData,
  rangeOf,
  segmentReferenceData,
  sessionData,
  type EiQuote,
  type EiRfq,
  type Endpoints,
  type InstrumentData,
  type ServerMessage,
} from "@micromarket/protocol";
import type { InstantMs } from "@micromarket/kernel";
import { curveOf, type CurveLevel } from "../curves.ts";
import type { Moment } from "../moment.ts";
import type { MarketReadModel, SlotRecord } from "../read-model.ts";
import type { AnyClientMessage } from "./frame-check.ts";
import type { Answer } from "./answer.ts";
import type { TradingDesk } from "./trading-desk.ts";
import { refuseWith } from "./wire-failure.ts";

/** A question about reference data or a ticker. */
export type Managed = Extract<AnyClientMessage, { type: `EiManage${string}` }>;

/** Who hears of changes. */
export interface Hearer {
  readonly id: string;
  /** Sends one message of its own accord. */
  readonly push: (message: Answer) => void;
}

interface Subscription {
  readonly id: string;
  readonly message: Managed;
  readonly hearer: Hearer;
}

type Ticker = ServerMessage<"EiTicker">["data"];

/** Subscriptions of one session. */
const PER_SESSION_MAX = 64;
const SLOTS_MAX = 1_000;

/** All subscriptions of a server. */
export class ReferenceSubscriptions {
  readonly #desk: TradingDesk;
  readonly #model: MarketReadModel;
  readonly #moment: () => Moment;
  readonly #endpoints: Endpoints;
  readonly #subscriptions = new Map<string, Map<string, Subscription>>();
  readonly #unsubscribe: () => void;

  constructor(init: {
    readonly desk: TradingDesk;
    readonly model: MarketReadModel;
    readonly moment: () => Moment;
    readonly endpoints: Endpoints;
  }) {
    this.#desk = init.desk;
    this.#model = init.model;
    this.#moment = init.moment;
    this.#endpoints = init.endpoints;
    this.#unsubscribe = init.model.subscribe(({ event }) => {
      if (event.type === "GateClosed") this.#tellClosed(event.slot);
    });
  }

  /** Answers, and remembers the hearer where it wants updates; `null`: there is nobody to tell. */
  manage(message: Managed, hearer: Hearer | null): Answer {
    const { data } = message;
    const id = data.subscriptionId ?? data.subscriptionRequestId;
    if (data.subscriptionActionRequested === "CANCEL") {
      const gone = hearer !== null && this.#subscriptions.get(hearer.id)?.delete(id) === true;
      if (!gone) refuseWith("NOT_SUBSCRIBED", `there is no subscription "${id}"`, { path: "/data/subscriptionId" });
    } else if (message.type === "EiManageTickerSubscription" && data.subscriptionActionRequested === "SNAPSHOT") {
      refuseWith("BAD_SCHEMA", "a ticker has no snapshot", { path: "/data/subscriptionActionRequested" });
    }
    if (message.type === "EiManageTickerSubscription" && message.data.tickerType === "TENDERS")
      refuseWith("FORBIDDEN", "single tenders are nobody's business: listen to the channel book");
    if (data.subscriptionActionRequested === "SNAPSHOT_AND_UPDATES") this.#remember(id, message, hearer);
    return this.#answer(message, id);
  }

  /** Tells who listens to such a ticker. */
  tick(tickerType: Ticker["tickerType"], what: Pick<Ticker, "quote" | "rfq" | "transaction">): void {
    const party = marketPartyOf(this.#desk.rules);
    for (const { id, message, hearer } of this.#all()) {
      if (message.type !== "EiManageTickerSubscription" || message.data.tickerType !== tickerType) continue;
      hearer.push({
        type: "EiTicker",
        data: { subscriptionId: id, tickerType, party, counterParty: party, ...what },
      });
    }
  }

  /** Nobody is there any more. */
  forget(hearer: Pick<Hearer, "id">): void {
    this.#subscriptions.delete(hearer.id);
  }

  close(): void {
    this.#unsubscribe();
    this.#subscriptions.clear();
  }

  *#all(): Iterable<Subscription> {
    for (const own of this.#subscriptions.values()) yield* own.values();
  }

  #remember(id: string, message: Managed, hearer: Hearer | null): void {
    if (hearer === null)
      return refuseWith("BAD_SCHEMA", "updates need a socket", { path: "/data/subscriptionActionRequested" });
    const own = this.#subscriptions.get(hearer.id) ?? new Map<string, Subscription>();
    if (own.size >= PER_SESSION_MAX && !own.has(id))
      refuseWith("RATE_LIMITED", `a session has ${PER_SESSION_MAX} such subscriptions at most`);
    own.set(id, { id, message, hearer });
    this.#subscriptions.set(hearer.id, own);
  }

  #answer(message: Managed, subscriptionId: string): Answer {
    const { now } = this.#moment();
    const { rules } = this.#desk;
    const { data } = message;
    const head = {
      multicastListenReference: null,
      response: acceptedResponse(data.subscriptionRequestId, now),
      subscriptionActionTaken: data.subscriptionActionRequested,
      subscriptionRequestId: data.subscriptionRequestId,
      subscriptionId,
    };
    switch (message.type) {
      case "EiManageMarketReferenceData":
        return {
          type: "EiManagedMarketReferenceData",
          data: { ...head, marketReferenceData: marketReferenceData(rules) },
        };
      case "EiManageSegmentReferenceData":
        return {
          type: "EiManagedSegmentReferenceData",
          data: { ...head, segmentReferenceData: [segmentReferenceData(rules, now, this.#endpoints)] },
        };
      case "EiManageSessionData":
        return {
          type: "EiManagedSessionData",
          data: { ...head, sessionData: [sessionData(rules, now, this.#desk.isTrading())] },
        };
      case "EiManageInstrumentData":
        return { type: "EiManagedInstrumentData", data: { ...head, instrumentData: this.#instruments(message) } };
      case "EiManageTickerSubscription":
        return { type: "EiManagedTickerSubscription", data: { ...head, tickerType: message.data.tickerType } };
    }
  }

  #instruments({ data }: Extract<Managed, { type: "EiManageInstrumentData" }>): InstrumentData {
    const range = rangeOf(data.boundingInterval);
    if (range === null)
      return refuseWith("BAD_SCHEMA", "the interval is malformed", { path: "/data/boundingInterval" });
    const records = this.#model.slots({ ...range, order: "oldest-first", limit: SLOTS_MAX });
    return data.instrumentSummaryType === "SESSION"
      ? { instrumentSummaryType: "SESSION", sessionSummaries: records.map(sessionSummary) }
      : {
          instrumentSummaryType: "BOOK",
          bookSummaries: records.map((record) => this.#bookSummary(record, data.marketDepth)),
        };
  }

  /** The levels of a cleared book, anonymous; open books are told in the channel `book`. */
  #bookSummary({ closed }: SlotRecord, depth = SLOTS_MAX) {
    const { rules } = this.#desk;
    const party = marketPartyOf(rules);
    const { slot, tenders } = closed.event;
    const side = (name: "buy" | "sell") =>
      levelsOf(curveOf(tenders, name, rules.auction).slice(0, depth)).map(({ price, quantity }) => ({
        ...{ side: name === "buy" ? ("BUY" as const) : ("SELL" as const), price, quantity },
        ...{ party, counterParty: party },
      }));
    return { instrumentStart: instantText(slot), bookEntries: [...side("buy"), ...side("sell")] };
  }

  #tellClosed(slot: InstantMs): void {
    const record = this.#model.slot(slot);
    if (record === null) return;
    for (const { id, message, hearer } of this.#all()) {
      if (message.type === "EiManageSessionData") hearer.push(this.#answer(message, id));
      if (message.type !== "EiManageInstrumentData") continue;
      const range = rangeOf(message.data.boundingInterval);
      if (range !== null && slot >= range.from && slot < range.to) hearer.push(this.#answer(message, id));
    }
    const { result } = record.closed.event;
    if (result.price === null) return;
    const interval = { dtStart: instantText(slot), duration: formatDuration(this.#desk.rules.slotLength) };
    this.tick("TRANSACTIONS", { transaction: { price: result.price, quantity: result.energy, interval } });
  }
}

/** A quote or a request for quotes, without whose it is. */
export type Told = { readonly quote: EiQuote } | { readonly rfq: EiRfq };

function sessionSummary({ closed }: SlotRecord) {
  const { slot, result } = closed.event;
  const { price, energy } = result;
  return {
    ...{ instrumentStart: instantText(slot), volume: energy },
    ...{ firstPrice: price, highPrice: price, lowPrice: price, lastPrice: price },
  };
}

/** Quantities of the levels, not cumulated. */
function levelsOf(
  curve: readonly CurveLevel[],
): readonly { readonly price: number | null; readonly quantity: number }[] {
  return curve.map(({ price, cumulativeWh }, index) => ({
    price,
    quantity: cumulativeWh - (curve[index - 1]?.cumulativeWh ?? 0),
  }));
}
