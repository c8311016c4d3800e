/**
 * What each account must hold, computed another way than by the engine: from prices, fills and meter readings as they
 * are reported, one sum per account, without transfers.
 */
import type { InstantMs, PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { DELIVERED, OUTSIDE, partyAccount, UNACCOUNTED, type MarketEvent, type State } from "@micromarket/engine";

interface SlotNotes {
  readonly tariff: number;
  readonly feedIn: number;
  /** Wh that each party has bought and not yet drawn, or sold and not yet delivered (negative). */
  readonly open: Map<PartyId, number>;
  metered: number;
  tie: number;
}

export class Bookkeeper {
  readonly #money = new Map<string, bigint>();
  readonly #slots = new Map<InstantMs, SlotNotes>();
  #unaccounted = 0;
  readonly #residual: PartyId;

  constructor(residual: PartyId) {
    this.#residual = residual;
  }

  note(event: MarketEvent): void {
    if (event.type === "AccountCredited") this.#pay(OUTSIDE, partyAccount(event.party), event.amount);
    if (event.type === "GateClosed") this.#noteClearing(event);
    if (event.type === "DeliveryPosted") this.#noteDelivery(event);
    if (event.type === "SlotSettled") this.#noteSettlement(event.slot);
  }

  /** Accounts that hold something else than they must: none. */
  differences(state: State): string[] {
    const differences: string[] = [];
    const compare = (ledger: "money" | "energy", account: string, wanted: bigint): void => {
      const found = balanceOf(state.ledger, ledger, account);
      if (found !== wanted) differences.push(`${ledger} of ${account}: ${String(found)} instead of ${wanted}`);
    };
    compare("money", OUTSIDE, this.#money.get(OUTSIDE) ?? 0n);
    const delivered = [...this.#slots.values()].reduce((sum, { metered }) => sum + metered, 0) - this.#unaccounted;
    compare("energy", DELIVERED, BigInt(delivered));
    compare("energy", UNACCOUNTED, BigInt(this.#unaccounted));
    for (const party of state.parties) {
      compare("money", partyAccount(party), this.#money.get(partyAccount(party)) ?? 0n);
      const open = [...this.#slots.values()].reduce((sum, notes) => sum + (notes.open.get(party) ?? 0), 0);
      compare("energy", partyAccount(party), BigInt(open));
    }
    return differences;
  }

  #noteClearing({ slot, tariff, feedIn, result, owners }: Extract<MarketEvent, { type: "GateClosed" }>): void {
    const notes: SlotNotes = { tariff, feedIn, open: new Map(), metered: 0, tie: 0 };
    const buyers = new Set(result.trades.map(({ buy }) => buy));
    for (const { id, energy, price } of result.fills) {
      const owner = owners.get(id);
      if (owner === undefined) throw new Error(`nobody owns ${id}`);
      const bought = buyers.has(id) ? energy : -energy;
      notes.open.set(owner, (notes.open.get(owner) ?? 0) + bought);
      this.#add(partyAccount(owner), -BigInt(price) * BigInt(bought));
    }
    this.#slots.set(slot, notes);
  }

  #noteDelivery({ slot, party, imported, exported }: Extract<MarketEvent, { type: "DeliveryPosted" }>): void {
    const notes = this.#slots.get(slot);
    if (notes === undefined) throw new Error(`slot ${slot} was not cleared`);
    const net = imported - exported;
    if (party === this.#residual) {
      notes.tie = -net;
      return;
    }
    const deviation = net - (notes.open.get(party) ?? 0);
    const price = BigInt(deviation > 0 ? notes.tariff : notes.feedIn);
    this.#pay(partyAccount(party), partyAccount(this.#residual), price * BigInt(deviation));
    notes.open.delete(party);
    notes.open.set(this.#residual, (notes.open.get(this.#residual) ?? 0) - deviation);
    notes.metered += net;
  }

  #noteSettlement(slot: InstantMs): void {
    const notes = this.#slots.get(slot);
    if (notes === undefined) throw new Error(`slot ${slot} was not cleared`);
    this.#unaccounted += notes.tie - notes.metered;
    this.#slots.delete(slot);
  }

  #pay(from: string, to: string, amount: bigint): void {
    this.#add(from, -amount);
    this.#add(to, amount);
  }

  #add(account: string, amount: bigint): void {
    this.#money.set(account, (this.#money.get(account) ?? 0n) + amount);
  }
}
