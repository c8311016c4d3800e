/**
 * Requests for quotes, and quotes. A quote is an indication (Energy Interoperation 1.0, section 7.2): it commits nobody, and
 * whoever likes it places a tender.
 *
 * Invariants: everything ends, at the latest with its time; an id that was cancelled is never valid again while the server
 * runs; what is private is told to the one it is for, and nobody else.
 */
import { instantMs, parseInstant, type InstantMs } from "@micromarket/kernel";
import type { MarketRules } from "@micromarket/engine";
import {
  acceptedResponse,
  errorBody,
  marketPartyOf,
  refusedResponse,
  violatedResponse,
  type EiQuote,
  type EiResponse,
} from "@micromarket/protocol";
import type { AnyClientMessage } from "./frame-check.ts";
import type { ReferenceSubscriptions } from "./reference-subscriptions.ts";
import type { Answer } from "./answer.ts";
import { refuseWith } from "./wire-failure.ts";

type Asked<Type extends AnyClientMessage["type"]> = Extract<AnyClientMessage, { type: Type }>;
type Negotiation = Asked<"EiCreateRfq" | "EiCreateQuote" | "EiCancelQuote" | "EiAcceptQuote" | "EiRejectQuote">;

/** What stands on the board. */
interface Posted {
  readonly party: string;
  readonly id: string;
  readonly quote: EiQuote | null;
  readonly expires: InstantMs;
}

/** Most that stands on the board; what is oldest goes first. */
const POSTED_MAX = 10_000;
/** How long something stands that names no end, in market time. */
const LASTS_MS = 86_400_000;

/** One market's board. */
export class NegotiationBoard {
  readonly #rules: MarketRules;
  readonly #tickers: ReferenceSubscriptions;
  readonly #posted = new Map<string, Posted>();
  readonly #ended = new Set<string>();
  #count = 0;

  constructor(rules: MarketRules, tickers: ReferenceSubscriptions) {
    this.#rules = rules;
    this.#tickers = tickers;
  }

  /** Answers what is said on the board; that the sender may trade for the party is known. */
  answer(message: Negotiation, now: InstantMs): Answer {
    for (const [id, { expires }] of this.#posted) if (expires <= now) this.#end(id);
    switch (message.type) {
      case "EiCreateRfq":
        return this.#createRfq(message, now);
      case "EiCreateQuote":
        return this.#createQuote(message, now);
      case "EiCancelQuote":
        return this.#cancel(message, now);
      case "EiAcceptQuote":
        return this.#accept(message, now);
      case "EiRejectQuote":
        return this.#reject(message, now);
    }
  }

  #createRfq({ data }: Asked<"EiCreateRfq">, now: InstantMs): Answer {
    const { rfq } = data;
    const id = this.#post({ party: data.partyId, id: rfq.rfqId, quote: null, expires: endOf(rfq.expirationTime, now) });
    if (rfq.privateRfq !== true && data.requestPrivate !== true)
      this.#tickers.tick("RFQS", { rfq: { ...rfq, marketRfqId: id } });
    const response = acceptedResponse(data.requestId, now);
    return { type: "EiCreatedRfq", data: { ...this.#addressed(data), rfqId: rfq.rfqId, marketRfqId: id, response } };
  }

  #createQuote({ data }: Asked<"EiCreateQuote">, now: InstantMs): Answer {
    const violations = data.quote.flatMap(({ tradeable }, index) =>
      tradeable === true
        ? [{ attributeViolated: `/quote/${index}/tradeable`, responseDescription: "a quote is an indication here" }]
        : [],
    );
    const quotes = data.quote.map((quote) => {
      if (violations.length > 0) {
        return {
          quoteId: quote.quoteId,
          marketQuoteId: null,
          response: violatedResponse(data.requestId, now, violations),
        };
      }
      const expires = endOf(quote.expirationTime, now);
      const id = this.#post({ party: data.partyId, id: quote.quoteId, quote, expires });
      if (quote.privateQuote !== true && data.requestPrivate !== true)
        this.#tickers.tick("QUOTES", { quote: { ...quote, marketOrderId: id } });
      return { quoteId: quote.quoteId, marketQuoteId: id, response: acceptedResponse(data.requestId, now) };
    });
    const response =
      violations.length > 0 ? violatedResponse(data.requestId, now, violations) : acceptedResponse(data.requestId, now);
    return { type: "EiCreatedQuote", data: { ...this.#addressed(data), quotes, response } };
  }

  #cancel({ data }: Asked<"EiCancelQuote">, now: InstantMs): Answer {
    const own = [...this.#posted].filter(([, { party }]) => party === data.partyId);
    const named = own.filter(
      ([marketId, { id }]) => data.marketQuoteIds?.includes(marketId) === true || data.quoteIds?.includes(id) === true,
    );
    const asked = [...(data.marketQuoteIds ?? []), ...(data.quoteIds ?? [])];
    const eiCanceledResponse = asked.map((name) => {
      const found = named.find(([marketId, { id }]) => marketId === name || id === name);
      return {
        cancelReason: "REQUESTED" as const,
        marketOrderId: found?.[0] ?? name,
        remainingQuantity: 0,
        success: found !== undefined,
      };
    });
    for (const [marketId] of named) this.#end(marketId);
    const response = acceptedResponse(data.requestId, now);
    return { type: "EiCanceledQuote", data: { ...this.#addressed(data), eiCanceledResponse, response } };
  }

  #accept({ data }: Asked<"EiAcceptQuote">, now: InstantMs): Answer {
    const isThere = (this.#posted.get(data.referencedQuoteId)?.quote ?? null) !== null;
    const error = isThere
      ? errorBody("QUOTE_NOT_ACTIONABLE", "a quote is an indication: place a tender at its price")
      : errorBody("NOT_FOUND", "there is no such quote, or not any more");
    return {
      type: "EiAcceptedQuote",
      data: {
        ...this.#addressed(data),
        ...{ transactionId: null, recipientTransactionId: null, finalMarketTransaction: null },
        response: refusedResponse(data.requestId, now, error),
      },
    };
  }

  #reject({ data }: Asked<"EiRejectQuote">, now: InstantMs): Answer {
    const { referencedQuoteId } = data;
    const response: EiResponse = this.#posted.has(referencedQuoteId)
      ? acceptedResponse(data.requestId, now)
      : refusedResponse(data.requestId, now, errorBody("NOT_FOUND", "there is no such quote, or not any more"));
    return { type: "EiRejectedQuote", data: { ...this.#addressed(data), referencedQuoteId, response } };
  }

  #post(posted: Posted): string {
    if (this.#ended.has(keyOf(posted)) || [...this.#posted.values()].some((other) => keyOf(other) === keyOf(posted)))
      refuseWith("ID_REUSED", `the id "${posted.id}" was used before`);
    const [oldest] = this.#posted.keys();
    if (this.#posted.size >= POSTED_MAX && oldest !== undefined) this.#end(oldest);
    this.#count += 1;
    const id = `board-${this.#count}`;
    this.#posted.set(id, posted);
    return id;
  }

  #end(marketId: string): void {
    const posted = this.#posted.get(marketId);
    if (posted === undefined) return;
    this.#posted.delete(marketId);
    this.#ended.add(keyOf(posted));
    const [oldest] = this.#ended;
    if (this.#ended.size > 10 * POSTED_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }

  #addressed({ requestId, partyId }: { readonly requestId: string; readonly partyId: string }) {
    return { inResponseTo: requestId, partyId, counterPartyId: marketPartyOf(this.#rules) };
  }
}

function keyOf({ party, id }: Posted): string {
  return `${party}/${id}`;
}

function endOf(text: string | undefined, now: InstantMs): InstantMs {
  const latest = instantMs(now + LASTS_MS);
  const read = text === undefined ? null : parseInstant(text);
  return read?.ok === true && read.value < latest ? read.value : latest;
}
