/**
 * The two ends of a tie held against each other: what the market above booked for the market below, and what that one
 * booked for the tie party. Each side is read from its own journal alone.
 */
import {
  amountNano,
  minus,
  plusAmount,
  tradeValue,
  wattHours,
  type AmountNano,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import {
  arrearsAccount,
  collateralAccount,
  partyAccount,
  transfersOf,
  type ClearingMode,
  type MarketEvent,
} from "@micromarket/engine";
import { tieStatements } from "./tie-statement.ts";

/** What one end says of a slot. */
export interface TieEnd {
  /** By the clearing, at the upper end; positive downwards. */
  energy: WattHours;
  /** Of the clearing below; `null` above, and before it. */
  mode: ClearingMode | null;
  /** Credited to the account that stands for the other end. */
  money: AmountNano;
  /** Net downwards by this end's meter; `null`: not read yet. */
  metered: WattHours | null;
  /** Statements that were made above, or taken below. */
  statements: number;
  isSettled: boolean;
}

/** How the two ends of a slot stand to each other. */
export type TieVerdict =
  /** Settled, and each other's mirror. */
  | "agrees"
  /** Not settled at both ends. */
  | "open"
  /** Settled, and a statement of the market above was not taken below. */
  | "untold"
  | "differs";

/** A slot at both ends; `null`: that end knows nothing of it. */
export interface ReconciledSlot {
  readonly slot: InstantMs;
  readonly above: TieEnd | null;
  readonly below: TieEnd | null;
  readonly verdict: TieVerdict;
  /** What the two accounts do not cancel out; 0 where they agree. */
  readonly difference: AmountNano;
}

/** What one end's journal says, slot by slot. */
export class TieLedger {
  readonly side: "above" | "below";
  readonly party: PartyId;
  readonly slots = new Map<InstantMs, TieEnd>();
  readonly #accounts: ReadonlySet<string>;
  readonly #awards = new Map<InstantMs, AmountNano>();

  /** @param party who stands for the other end: above the market below, below the tie party */
  constructor(side: TieLedger["side"], party: PartyId) {
    this.side = side;
    this.party = party;
    this.#accounts = new Set([partyAccount(party), arrearsAccount(party), collateralAccount(party)]);
  }

  /** Takes in what came of one entry. */
  note(events: readonly MarketEvent[]): void {
    for (const event of events) this.#note(event);
    if (this.side === "below") return;
    const awardOf = (slot: InstantMs): AmountNano => this.#awards.get(slot) ?? amountNano(0n);
    for (const { slot } of tieStatements(events, this.party, awardOf)) this.#end(slot).statements += 1;
  }

  #note(event: MarketEvent): void {
    if (event.type === "GateClosed") this.#noteClearing(event);
    if (event.type === "TieSettled") this.#end(event.slot).statements += 1;
    const isReading =
      event.type === "DeliveryPosted" || event.type === "DeliveryEstimated" || event.type === "DeliveryTruedUp";
    if (isReading && event.party === this.party) {
      const net = minus(event.imported, event.exported);
      this.#end(event.slot).metered = this.side === "above" ? net : minus(wattHours(0), net);
    }
    if ("slot" in event) this.#book(event);
    const known = event.type === "SlotSettled" ? this.slots.get(event.slot) : undefined;
    if (known !== undefined) known.isSettled = true;
  }

  #noteClearing({ slot, node }: Extract<MarketEvent, { type: "GateClosed" }>): void {
    if (this.side === "below") {
      const end = this.#end(slot);
      end.energy = node?.tie?.flow.above ?? wattHours(0);
      end.mode = node?.mode ?? "tariff";
      return;
    }
    const award = node?.awards.find(({ party }) => party === this.party);
    if (award === undefined) return;
    this.#end(slot).energy = award.energy;
    this.#awards.set(slot, amountNano(-tradeValue(award.price, award.energy)));
  }

  #book(event: Extract<MarketEvent, { readonly slot: InstantMs }>): void {
    for (const { ledger, debit, credit, amount } of transfersOf(event)) {
      if (ledger !== "money" || this.#accounts.has(debit) === this.#accounts.has(credit)) continue;
      const end = this.#end(event.slot);
      end.money = plusAmount(end.money, amountNano(this.#accounts.has(credit) ? amount : -amount));
    }
  }

  #end(slot: InstantMs): TieEnd {
    const known = this.slots.get(slot);
    if (known !== undefined) return known;
    const nothing = { energy: wattHours(0), money: amountNano(0n), metered: null, mode: null };
    const end: TieEnd = { ...nothing, statements: 0, isSettled: false };
    this.slots.set(slot, end);
    return end;
  }
}

/** Every slot that either end knows, in order. */
export function reconcileTie(above: TieLedger, below: TieLedger): readonly ReconciledSlot[] {
  const slots = [...new Set([...above.slots.keys(), ...below.slots.keys()])].sort((a, b) => a - b);
  return slots.map((slot) => {
    const [upper, lower] = [above.slots.get(slot) ?? null, below.slots.get(slot) ?? null];
    const difference = plusAmount(upper?.money ?? amountNano(0n), lower?.money ?? amountNano(0n));
    return { slot, above: upper, below: lower, verdict: verdictOf(upper, lower, difference), difference };
  });
}

function verdictOf(above: TieEnd | null, below: TieEnd | null, difference: AmountNano): TieVerdict {
  const isTold = (above?.statements ?? 0) === (below?.statements ?? 0);
  const isSettled = above?.isSettled === true && below?.isSettled === true;
  if (isSettled && isTold) return difference === 0n ? "agrees" : "differs";
  return isSettled ? "untold" : "open";
}
