/**
 * A party's account, line by line: each trade, each deviation, each payment, with the tender or the reading that it
 * comes from.
 *
 * Invariant: the lines of a slot sum to what the ledger moved for it, to the last unit; a trade with oneself and a
 * delivery without deviation move no money and have no line.
 */
import { minus, tradeValue, wattHours, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { AccountCredited, DeliveryPosted } from "@micromarket/engine";
import type { Trade } from "@micromarket/market";
import { partyView } from "./position.ts";
import type { Dated, MarketReadModel, PartyRecord, SlotQuery, SlotRecord } from "./read-model.ts";
import { ownerIn } from "./slot-view.ts";
import type { PartyStatement, StatementLine } from "./wire/party-schema.ts";
import { instantText } from "./wire/units.ts";

/** One page of a party's statement: the lines of at most `limit` slots, and the payments until the next page. */
export function partyStatement(
  model: MarketReadModel,
  record: PartyRecord,
  { from, to, limit }: Omit<SlotQuery, "order">,
): PartyStatement {
  const { party } = record;
  const found = model.slots({ from, to, limit: limit + 1, order: "oldest-first" });
  const next = found[limit]?.closed.event.slot ?? null;
  const slotLines = found.slice(0, limit).map((slot) => ({
    order: slot.closed.event.slot,
    lines: [...tradeLines(slot, party), ...deviationLines(model, slot, party)],
  }));
  const credits = model
    .payments(party, { from, to: next ?? to })
    .map((payment) => ({ order: payment.at, lines: [creditLine(payment)] }));
  const lines = [...slotLines, ...credits].sort((a, b) => byInstant(a.order, b.order)).flatMap((group) => group.lines);
  return {
    ...partyView(model, record),
    currency: model.rules.currency,
    lines,
    totals: totalsOf(lines),
    complete: from !== null && from >= model.completeFrom(),
    next: next === null ? null : instantText(next),
  };
}

function byInstant(a: InstantMs, b: InstantMs): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tradeLines(record: SlotRecord, party: PartyId): readonly StatementLine[] {
  const { at, event } = record.closed;
  const owner = ownerIn(record);
  return event.result.trades.flatMap((trade) => {
    const [buyer, seller] = [owner(trade.buy), owner(trade.sell)];
    if (buyer === seller || (buyer !== party && seller !== party)) return [];
    const side = buyer === party ? "buy" : "sell";
    return [tradeLine(trade, side, side === "buy" ? seller : buyer, event.slot, at)];
  });
}

function tradeLine(
  { buy, sell, energy, price }: Trade,
  side: "buy" | "sell",
  counterparty: string,
  slot: InstantMs,
  at: InstantMs,
): StatementLine {
  const value: bigint = tradeValue(price, energy);
  return {
    kind: "trade",
    at: instantText(at),
    at_ms: at,
    slot: instantText(slot),
    side,
    counterparty,
    tender: side === "buy" ? buy : sell,
    counter_tender: side === "buy" ? sell : buy,
    reading: null,
    reference: null,
    energy_wh: energy,
    price_micro_per_kwh: price,
    amount_nano: String(side === "buy" ? -value : value),
  };
}

/** A member's own deviation; for the residual counterparty everybody's, seen from the other side. */
function deviationLines(model: MarketReadModel, record: SlotRecord, party: PartyId): readonly StatementLine[] {
  const residual = model.rules.residual.party;
  return record.deliveries
    .filter(({ event }) => event.deviation !== 0 && (event.party === party || party === residual))
    .map((delivery) => deviationLine(record, delivery, party, residual));
}

function deviationLine(
  { closed }: SlotRecord,
  { at, event }: Dated<DeliveryPosted>,
  party: PartyId,
  residual: PartyId,
): StatementLine {
  const short = event.deviation > 0; // the member bought, at the tariff; otherwise it sold, at the feed-in price
  const price = short ? closed.event.tariff : closed.event.feedIn;
  const energy = short ? event.deviation : minus(wattHours(0), event.deviation);
  const value: bigint = tradeValue(price, energy);
  const buys = short === (event.party === party);
  return {
    kind: "deviation",
    at: instantText(at),
    at_ms: at,
    slot: instantText(event.slot),
    side: buys ? "buy" : "sell",
    counterparty: event.party === party ? residual : event.party,
    tender: null,
    counter_tender: null,
    reading: { party: event.party, imported_wh: event.imported, exported_wh: event.exported },
    reference: null,
    energy_wh: energy,
    price_micro_per_kwh: price,
    amount_nano: String(buys ? -value : value),
  };
}

function creditLine({ at, event }: Dated<AccountCredited>): StatementLine {
  return {
    kind: "credit",
    at: instantText(at),
    at_ms: at,
    slot: null,
    side: null,
    counterparty: null,
    tender: null,
    counter_tender: null,
    reading: null,
    reference: event.reference,
    energy_wh: null,
    price_micro_per_kwh: null,
    amount_nano: String(event.amount),
  };
}

function totalsOf(lines: readonly StatementLine[]): PartyStatement["totals"] {
  const sum = (kinds: readonly StatementLine["kind"][]): string =>
    String(lines.reduce((total, line) => (kinds.includes(line.kind) ? total + BigInt(line.amount_nano) : total), 0n));
  return {
    trade_nano: sum(["trade"]),
    deviation_nano: sum(["deviation"]),
    credit_nano: sum(["credit"]),
    total_nano: sum(["trade", "deviation", "credit"]),
  };
}
