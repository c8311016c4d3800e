/**
 * A party's account, line by line: each trade, each deviation, each payment and whatever else moved its money, with the
 * tender or the reading that it comes from.
 *
 * Invariant: the lines of a slot sum to what the ledger moved for it, to the last unit; a trade with oneself and a
 * delivery without deviation move no money and have no line.
 */
import { OUTSIDE, partyAccount, statementLines, type MarketEvent, type StatementLine } from "@micromarket/engine";
import type { InstantMs, PartyId } from "@micromarket/kernel";
import type { AccountName } from "@micromarket/ledger";
import { partyView } from "./position.ts";
import type { Dated, MarketReadModel, PartyRecord, SlotQuery, SlotRecord } from "./read-model.ts";
import type { PartyStatement, StatementLine as WireLine } from "@micromarket/protocol";
import { instantText, mapNullable } from "@micromarket/protocol";

/** One page of a party's statement: the lines of at most `limit` slots, and the payments until the next page. */
export function partyStatement(
  model: MarketReadModel,
  record: PartyRecord,
  { from, to, limit }: Omit<SlotQuery, "order">,
): PartyStatement {
  const { party } = record;
  const found = model.slots({ from, to, limit: limit + 1, order: "oldest-first" });
  const next = found[limit]?.closed.event.slot ?? null;
  const cleared = found.slice(0, limit).map((slot) => ({
    order: slot.closed.event.slot,
    lines: slotLines(slot, party),
  }));
  const credits = model
    .payments(party, { from, to: next ?? to })
    .map((payment) => ({ order: payment.at, lines: linesOf(payment, party) }));
  const lines = [...cleared, ...credits].sort((a, b) => byInstant(a.order, b.order)).flatMap((group) => group.lines);
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

/** What moved money, trades and deviations at a price of 0 included; energy that is only delivered is no business of a bill. */
function slotLines({ closed, deliveries, settled, adjustments }: SlotRecord, party: PartyId): readonly WireLine[] {
  const settlement = settled === null ? [] : [settled];
  const events: readonly Dated<MarketEvent>[] = [closed, ...deliveries, ...settlement, ...adjustments];
  return events.flatMap((dated) => linesOf(dated, party));
}

function linesOf({ at, event }: Dated<MarketEvent>, party: PartyId): readonly WireLine[] {
  return statementLines(event, partyAccount(party))
    .filter(({ money, price }) => money !== 0n || price !== null)
    .map((line) => wireLine(line, at));
}

function wireLine(line: StatementLine, at: InstantMs): WireLine {
  const { reason, slot, counter, money, energy, price, tenders, reading, reference } = line;
  const isSale = price !== null;
  return {
    kind: reason,
    at: instantText(at),
    at_ms: at,
    slot: mapNullable(slot, instantText),
    side: isSale ? (energy > 0n ? "buy" : "sell") : null,
    counterparty: counter === OUTSIDE ? null : nameOf(counter),
    tender: tenders?.own ?? null,
    counter_tender: tenders?.counter ?? null,
    reading:
      reading === null ? null : { party: reading.party, imported_wh: reading.imported, exported_wh: reading.exported },
    reference,
    energy_wh: isSale ? Number(energy < 0n ? -energy : energy) : null,
    price_micro_per_kwh: mapNullable(price, Number),
    amount_nano: String(money),
  };
}

/** A party is known by its name, another account by its own. */
function nameOf(account: AccountName): string {
  const [, party] = /^party:(.+)$/s.exec(account) ?? [];
  return party ?? account;
}

function totalsOf(lines: readonly WireLine[]): PartyStatement["totals"] {
  const sum = (kind: string | null): string =>
    String(
      lines.reduce((total, line) => (line.kind === (kind ?? line.kind) ? total + BigInt(line.amount_nano) : total), 0n),
    );
  return {
    trade_nano: sum("trade"),
    deviation_nano: sum("deviation"),
    credit_nano: sum("credit"),
    total_nano: sum(null),
  };
}
