/**
 * From the tenders of an `EiCreateTender` to what the engine takes, or every attribute that is against this market's
 * terms.
 *
 * Our decisions where CTS leaves it open (docs/PROTOCOL.md says why): prices are `10^priceScale` of the currency per kWh and
 * quantities `10^quantityScale` kWh, both fixed by the segment; a stream is as many independent tenders; what stands in a
 * book stands until its gate, so that an expiry before it is refused; all-or-none, warrants and at-most-one are refused
 * as long as the mechanism is the auction of divisible tenders.
 */
import { gateInstant, type MarketRules } from "@micromarket/engine";
import {
  fail,
  instantMs,
  isSlotStart,
  ok,
  parseInstant,
  partyId,
  priceMicro,
  tenderId,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
  type PriceMicro,
  type Result,
  type WattHours,
} from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import { ID_LENGTH_MAX } from "../wire/frame.ts";
import type { ClientMessage } from "../wire/messages.ts";
import { parseDuration } from "./duration.ts";
import type { EiTender, MarketAttributeViolation } from "./objects.ts";

/** Prices on the wire are millionths of the currency per kWh. */
export const PRICE_SCALE = -6;
/** Quantities on the wire are thousandths of a kWh. */
export const QUANTITY_SCALE = -3;
/** The only segment: one product, energy of a slot, in one auction. */
export const SEGMENT_ID = 1;

/** One tender of one slot, as the engine takes it, and the client's own name of it. */
export interface MessageTender {
  readonly clientOrderId: string;
  readonly slot: InstantMs;
  readonly tender: Tender;
}

/** What of a market's rules a tender is held to. */
export type TenderTerms = Pick<MarketRules, "market" | "slotLength" | "gateLead"> & {
  readonly residual: Pick<MarketRules["residual"], "party">;
};

type CreateTender = ClientMessage<"EiCreateTender">["data"];
type Violations = readonly MarketAttributeViolation[];

/** The name of a party's own order in the engine. */
export function orderName(party: string, clientOrderId: string): string {
  return `${party}/${clientOrderId}`;
}

/** The tenders of the message, in its order, or all that is against the terms. The party is known to be the sender's to act for. */
export function tendersOfMessage(
  message: CreateTender,
  rules: TenderTerms,
): Result<readonly MessageTender[], Violations> {
  const violations = [...violationsOfRequest(message, rules)];
  const placed: MessageTender[] = [];
  message.tender.forEach((tender, index) => {
    const read = placedOf(tender, `/tender/${index}`, partyId(message.partyId), rules);
    if (read.ok) placed.push(...read.value);
    else violations.push(...read.error);
  });
  const names = placed.map(({ clientOrderId }) => clientOrderId);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) violations.push(violation("/tender", `two tenders of the request have the id "${twice}"`));
  return violations.length > 0 ? fail(violations) : ok(placed);
}

function violationsOfRequest(message: CreateTender, rules: TenderTerms): Violations {
  const { marketId, segmentId, counterPartyId, executionInstructions, atMostOne } = message;
  const market: string = rules.market;
  return [
    ...violatedIf(marketId !== undefined && marketId !== market, "/marketId", `this is the market "${market}"`),
    ...violatedIf(
      segmentId !== undefined && segmentId !== SEGMENT_ID,
      "/segmentId",
      `the only segment is ${SEGMENT_ID}`,
    ),
    ...violatedIf(
      counterPartyId !== undefined && counterPartyId !== marketPartyOf(rules),
      "/counterPartyId",
      `the counterparty of every tender is the market's own, "${marketPartyOf(rules)}"`,
    ),
    ...violatedIf(isSaid(executionInstructions), "/executionInstructions", "the segment accepts none"),
    ...violatedIf(atMostOne === true, "/atMostOne", "the auction takes each tender for itself"),
  ];
}

/** The market's own party: it stands opposite everybody, so that nobody learns who else trades. */
export function marketPartyOf(rules: TenderTerms): string {
  return rules.residual.party;
}

function placedOf(
  tender: EiTender,
  path: string,
  party: PartyId,
  rules: TenderTerms,
): Result<readonly MessageTender[], Violations> {
  const found = [...violationsOfTerms(tender, path, rules)];
  const rows = rowsOf(tender, path, rules, found);
  const { expirationTime } = tender;
  const expires = expirationTime === undefined ? null : parseInstant(expirationTime);
  if (expires !== null && !expires.ok) found.push(violation(`${path}/expirationTime`, "it is no instant"));
  if (expires?.ok === true && rows.some(({ slot }) => expires.value < gateInstant(rules, slot)))
    found.push(
      violation(`${path}/expirationTime`, "a tender stands until its gate closes: cancel it, or let it expire then"),
    );
  if (found.length > 0) return fail(found);
  return ok(
    rows.map(({ clientOrderId, slot, price, energy }) => ({
      ...{ clientOrderId, slot },
      tender: {
        id: tenderId(orderName(party, clientOrderId)),
        party,
        side: tender.side === "BUY" ? "buy" : "sell",
        steps: [{ price, energy }],
      },
    })),
  );
}

function violationsOfTerms(tender: EiTender, path: string, rules: TenderTerms): Violations {
  const { marketId, priceScale, quantityScale, resourceDesignator, executionInstructions, warrants } = tender;
  const at = (field: string): string => `${path}/${field}`;
  return [
    ...violatedIf(marketId !== undefined && marketId !== rules.market, at("marketId"), `this is "${rules.market}"`),
    ...violatedIf(priceScale !== PRICE_SCALE, at("priceScale"), `the segment's is ${PRICE_SCALE}`),
    ...violatedIf(quantityScale !== QUANTITY_SCALE, at("quantityScale"), `the segment's is ${QUANTITY_SCALE}`),
    ...violatedIf(resourceDesignator !== "ENERGY", at("resourceDesignator"), "the segment trades ENERGY"),
    ...violatedIf(isSaid(executionInstructions), at("executionInstructions"), "the segment accepts none"),
    ...violatedIf((warrants ?? []).length > 0, at("warrants"), "the segment's product has none"),
    ...violatedIf(tender.allOrNone === true, at("allOrNone"), "the auction fills the marginal level in part"),
    ...violatedIf(tender.marketOrderId !== undefined, at("marketOrderId"), "it is for the market to give"),
    ...violatedIf(tender.referencedQuoteId !== undefined, at("referencedQuoteId"), "quotes are indications here"),
  ];
}

interface Row {
  readonly clientOrderId: string;
  readonly slot: InstantMs;
  readonly price: PriceMicro | null;
  readonly energy: WattHours;
}

/** One row for each slot; what is wrong is added to `found`. */
function rowsOf(tender: EiTender, path: string, rules: TenderTerms, found: MarketAttributeViolation[]): readonly Row[] {
  const { tenderId: id, tenderDetail: detail } = tender;
  if ("interval" in detail) {
    const at = `${path}/tenderDetail`;
    const slot = slotOf(detail.interval.dtStart, detail.interval.duration, `${at}/interval`, rules, found);
    return slot === null ? [] : [rowOf(id, slot, detail.price, detail.quantity)];
  }
  const { streamStart, streamIntervalDuration, streamIntervals } = detail.stream;
  const at = `${path}/tenderDetail/stream`;
  const first = slotOf(streamStart, streamIntervalDuration, at, rules, found);
  if (first === null) return [];
  return streamIntervals.flatMap(({ streamUid, streamIntervalPrice, streamIntervalQuantity }, index) => {
    const clientOrderId = `${id}.${streamUid}`;
    if (streamUid !== index) {
      found.push(violation(`${at}/streamIntervals/${index}/streamUid`, `intervals are numbered 0, 1, 2, …: ${index}`));
      return [];
    }
    if (clientOrderId.length > ID_LENGTH_MAX) {
      found.push(violation(`${path}/tenderId`, `"${clientOrderId}" has more than ${ID_LENGTH_MAX} characters`));
      return [];
    }
    const slot = instantMs(first + times(rules.slotLength, index));
    return streamIntervalQuantity === 0
      ? []
      : [rowOf(clientOrderId, slot, streamIntervalPrice, streamIntervalQuantity)];
  });
}

function rowOf(clientOrderId: string, slot: InstantMs, price: number | null, quantity: number): Row {
  return { clientOrderId, slot, price: price === null ? null : priceMicro(price), energy: wattHours(quantity) };
}

function slotOf(
  start: string,
  duration: string,
  path: string,
  { slotLength }: TenderTerms,
  found: MarketAttributeViolation[],
): InstantMs | null {
  const [begins, lasts] = [parseInstant(start), parseDuration(duration)];
  if (!begins.ok) found.push(violation(path, `"${start}" is no instant`));
  if (!lasts.ok || lasts.value !== slotLength)
    found.push(violation(path, `a slot of this market lasts ${slotLength} ms`));
  if (begins.ok && !isSlotStart(begins.value, slotLength)) found.push(violation(path, `no slot begins at ${start}`));
  return begins.ok && lasts.ok ? instantMs(begins.value) : null;
}

function isSaid(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== "";
}

function violation(attributeViolated: string, responseDescription: string): MarketAttributeViolation {
  return { attributeViolated, responseDescription };
}

function violatedIf(isViolated: boolean, path: string, description: string): Violations {
  return isViolated ? [violation(path, description)] : [];
}
