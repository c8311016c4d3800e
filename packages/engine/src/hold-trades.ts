/**
 * What is held for trades from the gate closure until the slot is settled: the money of the buyer (of the seller at a
 * negative price), the seller's bond, and the buyer's levies. It takes the place of what was held for the tenders.
 */
import {
  amountNano,
  plusAmount,
  tradeValue,
  type AmountNano,
  type InstantMs,
  type PartyId,
  type TenderId,
} from "@micromarket/kernel";
import { forgetRequests, type TransferId } from "@micromarket/ledger";
import { partyAccount, tradingAccount } from "./accounts.ts";
import { holdMost, voidHolds } from "./funds.ts";
import type { StandingTenders } from "./standing-tenders.ts";
import type { ClearedSlot, NumberedPosition, OpenTrade, SlotBook, State, View } from "./state.ts";
import type { SettlementRules } from "./settlement-rules.ts";
import { termsOf } from "./unmetered-terms.ts";
import { bondOf, levyOf } from "./worst-cost.ts";

/** The hold of a tender. */
export function tenderHold(slot: InstantMs, tender: TenderId): TransferId {
  return `tender/${slot}/${tender}`;
}

/** The hold of all tenders of a lot. */
export function lotHold(slot: InstantMs, batch: TenderId): TransferId {
  return `lot/${slot}/${batch}`;
}

/** What is held for a book. */
export function holdsOfBook(
  slot: InstantMs,
  { tenders, positions }: Pick<View<SlotBook>, "tenders" | "positions">,
): readonly TransferId[] {
  return [
    ...Array.from(tenders.singles(), ({ id }) => tenderHold(slot, id)),
    ...Array.from(tenders.lots(), ({ batch }) => lotHold(slot, batch)),
    ...Array.from(positions, ([party, { number }]) => positionHold(slot, number, party)),
  ];
}

/** The hold of a position. */
export function positionHold(slot: InstantMs, number: number, party: PartyId): TransferId {
  return `position/${slot}/${number}/${party}`;
}

/** What may be held for the trade with this number. */
export function tradeHolds(slot: InstantMs, number: number): Record<"money" | "bond" | "levy", TransferId> {
  return { money: `trade/${slot}/${number}`, bond: `bond/${slot}/${number}`, levy: `levy/${slot}/${number}` };
}

/** What stood in the book that is cleared. */
interface ClearedBook {
  readonly slot: InstantMs;
  readonly standing: StandingTenders;
  readonly positions: ReadonlyMap<PartyId, NumberedPosition>;
  /** What crosses the tie by an award; `null`: the tie party trades as a party. */
  readonly flow: ClearedSlot["flow"];
}

/**
 * Releases what was held for tenders and positions and holds what the trades need. A trade at a price beyond the cap, as
 * there may be below a market with a higher one, is held as far as its payer has the money.
 *
 * @returns all that is held now
 */
export function holdTrades(
  state: State,
  settlement: SettlementRules,
  { slot, standing, positions, flow }: ClearedBook,
  trades: readonly OpenTrade[],
  now: InstantMs,
): AmountNano {
  voidHolds(state, holdsOfBook(slot, { tenders: standing, positions }), now);
  forgetRequests(state.ledger, now);
  const residual = state.rules.residual.party;
  return trades.reduce((held, { buyer, seller, price, energy }, number) => {
    const ids = tradeHolds(slot, number);
    const [payer, payee] = price < 0 ? [seller, buyer] : [buyer, seller];
    const value = tradeValue(price, energy);
    const from = tradingAccount(payer, state.rules, flow);
    const to = tradingAccount(payee, state.rules, flow);
    const amounts = [holdMost(state, ids.money, from, to, amountNano(value < 0n ? -value : value), now)];
    const aside = (hold: TransferId, party: PartyId, amount: AmountNano): AmountNano =>
      holdMost(state, hold, partyAccount(party), partyAccount(residual), amount, now);
    if (seller !== residual)
      amounts.push(aside(ids.bond, seller, bondOf(energy, state.rules, termsOf(state, seller, settlement))));
    if (buyer !== residual) amounts.push(aside(ids.levy, buyer, levyOf(energy, termsOf(state, buyer, settlement))));
    return amounts.reduce(plusAmount, held);
  }, amountNano(0n));
}
