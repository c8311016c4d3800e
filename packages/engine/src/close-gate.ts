/**
 * Closing the gate of a slot: its book is cleared and the trades are posted.
 *
 * Gates close in order of their slots. A slot without tenders may be passed over: nothing was traded in it.
 *
 * Precedence: SLOT_MISALIGNED, GATE_ALREADY_CLOSED, GATE_NOT_DUE, GATE_OUT_OF_ORDER, TARIFF_MISSING.
 */
import {
  assert,
  formatInstant,
  minus,
  plus,
  wattHours,
  type InstantMs,
  type PartyId,
  type TenderId,
} from "@micromarket/kernel";
import type { Transfer } from "@micromarket/ledger";
import { clearUniform, type Book, type Trade } from "@micromarket/market";
import type { CloseGate } from "./command.ts";
import { endOfSlot, gateInstant, isMarketSlot } from "./gate.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { residualTenders } from "./residual-tenders.ts";
import type { ClearedSlot, Prices, State, StateView } from "./state.ts";
import { dropPastTariffs, tariffInForce } from "./tariff.ts";
import { postAll, saleTransfers } from "./transfers.ts";

type Owners = ReadonlyMap<TenderId, PartyId>;

/** Clears the slot's book and posts two transfers for each trade; from then on the slot waits for deliveries. */
export function closeGate(state: State, { slot }: CloseGate, now: InstantMs): Outcome {
  const { rules, closedThrough } = state;
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (closedThrough !== null && slot <= closedThrough)
    return refuse({ code: "GATE_ALREADY_CLOSED", slot, closedThrough });
  const gate = gateInstant(rules, slot);
  if (now < gate) return refuse({ code: "GATE_NOT_DUE", slot, gate });
  const earlier = earliestBook(state);
  if (earlier !== null && earlier < slot) return refuse({ code: "GATE_OUT_OF_ORDER", slot, earlier });
  const entry = tariffInForce(state.tariffs, slot);
  if (entry === null) return refuse({ code: "TARIFF_MISSING", slot });

  const { tariff, feedIn } = entry;
  const book = bookToClear(state, slot, entry);
  const result = clearUniform(book);
  assert(result.rejections.length === 0, "what was refused at submission cannot be in the book");
  const owners = new Map(book.tenders.map(({ id, party }) => [id, party]));
  const transfers = result.trades.flatMap((trade) => tradeTransfers(trade, owners));
  postAll(state.ledger, transfers);
  state.cleared.set(slot, clearedSlot(state.parties, entry, result.trades, owners));
  passSlot(state, slot);
  return accept({ type: "GateClosed", slot, tariff, feedIn, tenders: book.tenders, result, owners, transfers });
}

/** The book that the slot would be cleared with at these prices: its tenders as they came, then the residual counterparty's. */
export function bookToClear(state: StateView, slot: InstantMs, prices: Prices): Book {
  const tenders = [...(state.books.get(slot)?.tenders.values() ?? [])];
  return {
    slot: formatInstant(slot),
    rules: state.rules.auction,
    tenders: [...tenders, ...residualTenders(state.rules, prices, tenders)],
  };
}

function earliestBook(state: State): InstantMs | null {
  let earliest: InstantMs | null = null;
  for (const [slot, book] of state.books) {
    if (book.tenders.size > 0 && (earliest === null || slot < earliest)) earliest = slot;
  }
  return earliest;
}

function tradeTransfers({ buy, sell, price, energy }: Trade, owners: Owners): readonly Transfer[] {
  return saleTransfers(ownerOf(buy, owners), ownerOf(sell, owners), price, energy, "trade");
}

function clearedSlot(
  parties: ReadonlySet<PartyId>,
  { tariff, feedIn }: Prices,
  trades: readonly Trade[],
  owners: Owners,
): ClearedSlot {
  const traded = new Map([...parties].map((party) => [party, wattHours(0)]));
  for (const { buy, sell, energy } of trades) {
    const [buyer, seller] = [ownerOf(buy, owners), ownerOf(sell, owners)];
    traded.set(buyer, plus(traded.get(buyer) ?? wattHours(0), energy));
    traded.set(seller, minus(traded.get(seller) ?? wattHours(0), energy));
  }
  return { tariff, feedIn, traded, awaiting: new Set(parties), metered: wattHours(0), tie: null };
}

function ownerOf(tender: TenderId, owners: Owners): PartyId {
  const owner = owners.get(tender);
  assert(owner !== undefined, `nobody stands behind tender ${tender}`);
  return owner;
}

/** Leaves behind what only slots up to `slot` needed. */
function passSlot(state: State, slot: InstantMs): void {
  for (const open of state.books.keys()) {
    if (open <= slot) state.books.delete(open);
  }
  state.closedThrough = slot;
  dropPastTariffs(state.tariffs, endOfSlot(state.rules, slot));
}
