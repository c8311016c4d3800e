/**
 * What each party of a market with settlement must have, computed another way than by the engine: each for itself, from
 * what it traded and what its meter counted, without holds, shortfalls and neighbours. For markets below a supplier.
 */
import type { InstantMs, PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  arrearsAccount,
  collateralAccount,
  DELIVERED,
  levyAccount,
  partyAccount,
  PENALTIES,
  UNACCOUNTED,
  type MarketEvent,
  type SettlementRules,
  type State,
} from "@micromarket/engine";

type EventOf<Type extends MarketEvent["type"]> = Extract<MarketEvent, { readonly type: Type }>;

interface SlotNotes {
  readonly tariff: number;
  readonly feedIn: number;
  readonly price: number;
  readonly bought: Map<PartyId, number>;
  readonly readings: Map<PartyId, { readonly imported: number; readonly exported: number }>;
  /** Prices of drawing more and less; `null` until settled. */
  prices: { readonly taking: number; readonly giving: number } | null;
}

export class FundedBookkeeper {
  readonly #wealth = new Map<PartyId, bigint>();
  readonly #slots = new Map<InstantMs, SlotNotes>();
  readonly #residual: PartyId;
  readonly #rules: SettlementRules;

  constructor(residual: PartyId, rules: SettlementRules) {
    this.#residual = residual;
    this.#rules = rules;
  }

  note(event: MarketEvent, state: State): void {
    if (event.type === "AccountCredited") this.#add(event.party, event.amount);
    if (event.type === "PaidOut") this.#add(event.party, -event.amount);
    if (event.type === "GateClosed") this.#noteClearing(event, state);
    if (event.type === "DeliveryPosted" || event.type === "DeliveryEstimated" || event.type === "DeliveryTruedUp")
      this.#notes(event.slot).readings.set(event.party, event);
    if (event.type === "SlotSettled") this.#noteSettlement(event.slot);
  }

  /** Accounts that hold something else than they must: none. */
  differences(state: State): string[] {
    const differences: string[] = [];
    const compare = (what: string, found: bigint, wanted: bigint): void => {
      if (found !== wanted) differences.push(`${what}: ${found} instead of ${wanted}`);
    };
    const money = (account: string): bigint => balanceOf(state.ledger, "money", account) ?? 0n;
    let [penalties, imported, unaccounted] = [0n, 0n, 0n];
    const settled = new Map<PartyId, bigint>();
    for (const notes of this.#slots.values()) {
      if (notes.prices === null) continue;
      for (const party of notes.bought.keys()) {
        const result = this.#resultOf(notes, party);
        settled.set(party, (settled.get(party) ?? 0n) + result.money);
        penalties += result.penalty;
        imported += result.imported;
      }
      unaccounted += BigInt(this.#tieOf(notes) - this.#meteredOf(notes));
    }
    for (const party of state.parties) {
      if (party !== this.#residual) {
        const wealth = money(partyAccount(party)) + money(arrearsAccount(party)) + money(collateralAccount(party));
        compare(`wealth of ${party}`, wealth, (this.#wealth.get(party) ?? 0n) + (settled.get(party) ?? 0n));
      }
      compare(`energy of ${party}`, balanceOf(state.ledger, "energy", partyAccount(party)) ?? 0n, 0n);
    }
    compare("penalties", money(PENALTIES), penalties);
    for (const { name, price } of this.#rules.levies) compare(name, money(levyAccount(name)), BigInt(price) * imported);
    compare("unaccounted", balanceOf(state.ledger, "energy", UNACCOUNTED) ?? 0n, unaccounted);
    compare("delivered", balanceOf(state.ledger, "energy", DELIVERED) ?? 0n, -unaccounted);
    return differences;
  }

  #noteClearing({ slot, tariff, feedIn, result, owners }: EventOf<"GateClosed">, state: State): void {
    const price = state.cleared.get(slot)?.open?.price;
    if (price === undefined || (result.price !== null && result.price !== price)) throw new Error("a slot has a price");
    const parties = state.cleared.get(slot)?.traded.keys() ?? [];
    const bought = new Map([...parties].map((party) => [party, 0]));
    const buyers = new Set(result.trades.map(({ buy }) => buy));
    for (const { id, energy } of result.fills) {
      const owner = owners.get(id);
      if (owner === undefined) throw new Error(`nobody owns ${id}`);
      bought.set(owner, (bought.get(owner) ?? 0) + (buyers.has(id) ? energy : -energy));
    }
    this.#slots.set(slot, { tariff, feedIn, price, bought, readings: new Map(), prices: null });
  }

  #noteSettlement(slot: InstantMs): void {
    const notes = this.#notes(slot);
    const { tariff, feedIn, price } = notes;
    const total = [...notes.bought.keys()].reduce((sum, party) => {
      return party === this.#residual ? sum : sum + this.#deviationOf(notes, party);
    }, 0);
    const { kind } = this.#rules.imbalance;
    const one = kind === "penalty" || total === 0 ? price : total > 0 ? tariff : feedIn;
    notes.prices =
      kind === "dual"
        ? { taking: Math.max(tariff, price), giving: Math.min(feedIn, price) }
        : { taking: one, giving: one };
  }

  /** What the slot brought the party. */
  #resultOf(notes: SlotNotes, party: PartyId): { money: bigint; penalty: bigint; imported: bigint } {
    const { imbalance, levies } = this.#rules;
    if (party === this.#residual || notes.prices === null) return { money: 0n, penalty: 0n, imported: 0n };
    const deviation = BigInt(this.#deviationOf(notes, party));
    const at = BigInt(deviation > 0n ? notes.prices.taking : notes.prices.giving);
    const worth = BigInt(notes.price) * deviation;
    const share = imbalance.kind === "penalty" ? BigInt(imbalance.share) : 0n;
    const penalty = ((worth < 0n ? -worth : worth) * share) / 1_000_000n;
    const imported = BigInt(notes.readings.get(party)?.imported ?? 0);
    const levied = levies.reduce((sum, { price }) => sum + BigInt(price) * imported, 0n);
    const traded = BigInt(notes.price) * BigInt(notes.bought.get(party) ?? 0);
    return { money: -traded - at * deviation - penalty - levied, penalty, imported };
  }

  #deviationOf(notes: SlotNotes, party: PartyId): number {
    return this.#netOf(notes, party) - (notes.bought.get(party) ?? 0);
  }

  #meteredOf(notes: SlotNotes): number {
    const members = [...notes.bought.keys()].filter((party) => party !== this.#residual);
    return members.reduce((sum, party) => sum + this.#netOf(notes, party), 0);
  }

  #tieOf(notes: SlotNotes): number {
    return -this.#netOf(notes, this.#residual);
  }

  #netOf({ readings }: SlotNotes, party: PartyId): number {
    const { imported = 0, exported = 0 } = readings.get(party) ?? {};
    return imported - exported;
  }

  #notes(slot: InstantMs): SlotNotes {
    const notes = this.#slots.get(slot);
    if (notes === undefined) throw new Error(`slot ${slot} was not cleared`);
    return notes;
  }

  #add(party: PartyId, amount: bigint): void {
    this.#wealth.set(party, (this.#wealth.get(party) ?? 0n) + amount);
  }
}
