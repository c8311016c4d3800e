/** The book of a slot whose gate is open: its tenders, and their sums for whoever asks for the price so far. */
import type { PartyId, TenderId } from "@micromarket/kernel";
import { GateBook, type AuctionRules, type Tender } from "@micromarket/market";
import { Lot, type Placement } from "./lot.ts";
import { StandingTenders } from "./standing-tenders.ts";
import type { NumberedPosition, SlotBook } from "./state.ts";

/** The book of these tenders and lots, which the rules admit. */
export function slotBook(
  auction: AuctionRules,
  arrivals: Iterable<Tender | Lot> = [],
  cancelled: ReadonlySet<TenderId> = new Set(),
  positions: ReadonlyMap<PartyId, NumberedPosition> = new Map(),
  placed: ReadonlyMap<TenderId, Placement> = new Map(),
): SlotBook {
  const book = {
    positions: new Map(positions),
    tenders: new StandingTenders(),
    cancelled: new Set(cancelled),
    placed: new Map(placed),
    sums: new GateBook(auction),
  };
  for (const id of cancelled) book.tenders.noteUsed(id);
  for (const arrival of arrivals) {
    if (arrival instanceof Lot) addLot(book, arrival);
    else addTender(book, arrival);
  }
  return book;
}

/** Puts the tender at the end of the book. */
export function addTender({ tenders, sums }: SlotBook, tender: Tender): void {
  sums.add(tender);
  tenders.add(tender);
}

/** Puts the lot at the end of the book. */
export function addLot({ tenders, sums }: SlotBook, lot: Lot): void {
  if (lot.standing === lot.count) sums.addSteps(lot.prices, lot.energies);
  else for (const tender of lot.tenders()) sums.add(tender);
  tenders.addLot(lot);
}

/** Takes a tender of the book back; its id stays used up. */
export function takeBack({ tenders, cancelled, placed, sums }: SlotBook, tender: Tender): void {
  sums.remove(tender);
  tenders.remove(tender.id);
  placed.delete(tender.id);
  cancelled.add(tender.id);
}

/** Who placed a tender of the book, where it came in an envelope. */
export function placementOf({ tenders, placed }: SlotBook, id: TenderId): Placement | null {
  return placed.get(id) ?? tenders.lotWith(id)?.placement ?? null;
}
