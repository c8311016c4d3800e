/**
 * What comes down after the settlement: of the entries of a market's journal, what was booked to the account of a market
 * below beyond its awards. The market below takes it in as `SettleTie`, and then both accounts tell the same story.
 */
import {
  amountNano,
  minusAmount,
  plusAmount,
  type AmountNano,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { arrearsAccount, collateralAccount, partyAccount, type MarketEvent } from "@micromarket/engine";

/** What was booked for a slot. */
export interface TieStatement {
  readonly slot: InstantMs;
  /** Credited to the market below beyond its award; negative: debited. */
  readonly amount: AmountNano;
  /** Credited for its award: said when the slot is settled, and 0 in what comes later. */
  readonly award: AmountNano;
}

/**
 * The statements of one entry's events for the market that is `party` there, in order of their slots. Below an award is
 * booked when it is taken, whenever it is booked above; it is said beside the amount, for a market that missed it.
 *
 * @param awardOf what the award of a slot credits to the market below: 0 or less what it takes is worth at its price
 */
export function tieStatements(
  events: readonly MarketEvent[],
  party: PartyId,
  awardOf: (slot: InstantMs) => AmountNano,
): readonly TieStatement[] {
  const own = new Set([partyAccount(party), arrearsAccount(party), collateralAccount(party)]);
  const statements = new Map<InstantMs, TieStatement>();
  for (const event of events) {
    if (!isOfSettlement(event)) continue;
    const { slot, transfers } = event;
    const before = statements.get(slot) ?? { slot, amount: amountNano(0n), award: amountNano(0n) };
    const award = event.type === "SlotSettled" ? awardOf(slot) : before.award;
    // what was settled by meter has the award among it
    const awarded = event.type === "SlotSettled" && event.byMeter !== undefined ? award : amountNano(0n);
    const amount = plusAmount(before.amount, minusAmount(creditedTo(own, transfers), awarded));
    statements.set(slot, { slot, amount, award });
  }
  return [...statements.values()]
    .filter(({ amount, award }) => amount !== 0n || award !== 0n)
    .sort((a, b) => a.slot - b.slot);
}

type OfSettlement = Extract<MarketEvent, { type: "DeliveryPosted" | "DeliveryTruedUp" | "SlotSettled" }>;

function isOfSettlement(event: MarketEvent): event is OfSettlement {
  return event.type === "DeliveryPosted" || event.type === "DeliveryTruedUp" || event.type === "SlotSettled";
}

function creditedTo(accounts: ReadonlySet<string>, transfers: OfSettlement["transfers"]): AmountNano {
  let credited = 0n;
  for (const { ledger, debit, credit, amount } of transfers) {
    if (ledger !== "money") continue;
    if (accounts.has(credit)) credited += amount;
    if (accounts.has(debit)) credited -= amount;
  }
  return amountNano(credited);
}
