/** The book of a slot whose gate is open: its tenders, and their sums for whoever asks for the price so far. */
import type { PartyId, TenderId } from "@micromarket/kernel";
import { GateBook, type AuctionRules, type Tender } from "@micromarket/market";
import type { NumberedPosition, Placement, SlotBook } from "./state.ts";

/** The book of these tenders, which the rules admit. */
export function slotBook(
  auction: AuctionRules,
  tenders: ReadonlyMap<TenderId, Tender> = new Map(),
  cancelled: ReadonlySet<TenderId> = new Set(),
  positions: ReadonlyMap<PartyId, NumberedPosition> = new Map(),
  placed: ReadonlyMap<TenderId, Placement> = new Map(),
): SlotBook {
  const book = {
    positions: new Map(positions),
    tenders: new Map<TenderId, Tender>(),
    cancelled: new Set(cancelled),
    placed: new Map(placed),
    sums: new GateBook(auction),
  };
  for (const tender of tenders.values()) addTender(book, tender);
  return book;
}

/** Puts the tender at the end of the book. */
export function addTender({ tenders, sums }: SlotBook, tender: Tender): void {
  sums.add(tender);
  tenders.set(tender.id, tender);
}

/** Takes a tender of the book back; its id stays used up. */
export function takeBack({ tenders, cancelled, placed, sums }: SlotBook, tender: Tender): void {
  sums.remove(tender);
  tenders.delete(tender.id);
  placed.delete(tender.id);
  cancelled.add(tender.id);
}
