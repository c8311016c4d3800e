/**
 * What each account of a market with settlement must hold, computed another way than by the engine: each party for itself,
 * from what it traded and what its meter counted, without holds, shortfalls and neighbours. For markets below a supplier
 * and below a market, whose awards it has to be told.
 */
import type { InstantMs, PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  arrearsAccount,
  collateralAccount,
  DELIVERED,
  FEES,
  IMBALANCE,
  levyAccount,
  LOSSES,
  partyAccount,
  PENALTIES,
  RENT,
  UNACCOUNTED,
  type ApplyAward,
  type MarketEvent,
  type SettlementRules,
  type StateView,
  type TieSet,
} from "@micromarket/engine";

type EventOf<Type extends MarketEvent["type"]> = Extract<MarketEvent, { readonly type: Type }>;
type Tie = NonNullable<TieSet["tie"]>;

interface PricePair {
  readonly taking: number;
  readonly giving: number;
}

/** What an award made of the tie: energy at its two ends, and money. */
interface Crossing {
  readonly above: bigint;
  readonly below: bigint;
  readonly paidAbove: bigint;
  readonly fees: bigint;
  readonly rent: bigint;
}

type TieNotes = Pick<SlotNotes, "above" | "crossing" | "isOwnRisk">;

interface SlotNotes {
  /** At the other end of the tie. */
  readonly above: PricePair;
  readonly price: number;
  /** `null` where the residual counterparty traded as a party. */
  readonly crossing: Crossing | null;
  /** Whether the market bore itself what its members traded with the tie: it fell back to the tariff below a market. */
  readonly isOwnRisk: boolean;
  readonly bought: Map<PartyId, number>;
  readonly readings: Map<PartyId, { readonly imported: number; readonly exported: number }>;
  /** Prices of drawing more and less; `null` until settled. */
  prices: PricePair | null;
}

const NO_CROSSING: Crossing = { above: 0n, below: 0n, paidAbove: 0n, fees: 0n, rent: 0n };
const WHOLE = 1_000_000n;

/** Hears what a market reports and says which of its accounts are wrong. */
export class FundedBookkeeper {
  readonly #wealth = new Map<PartyId, bigint>();
  readonly #slots = new Map<InstantMs, SlotNotes>();
  readonly #awards = new Map<InstantMs, ApplyAward>();
  readonly #ties: TieSet[] = [];
  /** What the market above has booked beyond its awards. */
  #stated = 0n;
  readonly #residual: PartyId;
  readonly #rules: SettlementRules;

  constructor(residual: PartyId, rules: SettlementRules) {
    this.#residual = residual;
    this.#rules = rules;
  }

  /** To be told before what came of it. */
  noteAward(award: ApplyAward): void {
    this.#awards.set(award.slot, award);
  }

  note(event: MarketEvent, state: StateView): void {
    if (event.type === "AccountCredited") this.#add(event.party, event.amount);
    if (event.type === "PaidOut") this.#add(event.party, -event.amount);
    if (event.type === "TieSet") this.#ties.push(event);
    if (event.type === "TieSettled") this.#stated += event.amount;
    if (event.type === "GateClosed") this.#noteClearing(event, state);
    if (event.type === "DeliveryPosted" || event.type === "DeliveryEstimated" || event.type === "DeliveryTruedUp")
      this.#notes(event.slot).readings.set(event.party, event);
    if (event.type === "SlotSettled") this.#noteSettlement(event.slot);
  }

  /** What a party must have: its account, collateral and arrears. */
  wealthOf(party: PartyId): bigint {
    const settled = [...this.#slots.values()].map((notes) => this.#resultOf(notes, party).money);
    return (this.#wealth.get(party) ?? 0n) + sumOf(settled);
  }

  /** Accounts that hold something else than they must: none. */
  differences(state: StateView): string[] {
    const differences: string[] = [];
    const compare = (what: string, found: bigint, wanted: bigint): void => {
      if (found !== wanted) differences.push(`${what}: ${found} instead of ${wanted}`);
    };
    const money = (account: string): bigint => balanceOf(state.ledger, "money", account) ?? 0n;
    const energy = (account: string): bigint => balanceOf(state.ledger, "energy", account) ?? 0n;
    for (const party of state.parties) {
      if (party !== this.#residual) {
        const wealth = money(partyAccount(party)) + money(arrearsAccount(party)) + money(collateralAccount(party));
        compare(`wealth of ${party}`, wealth, this.wealthOf(party));
      }
    }
    for (const [account, wanted] of this.#marketMoney()) compare(account, money(account), wanted);
    const unaccounted = this.#unaccounted();
    compare("unaccounted", energy(UNACCOUNTED), unaccounted);
    if (this.#isSettled() || this.#crossings().length === 0) this.#compareEnergy(state, compare, unaccounted);
    if (this.#isSettled()) compare("residual counterparty", money(partyAccount(this.#residual)), this.#residualMoney());
    return differences;
  }

  /** Of the market's own accounts, without the residual counterparty's. */
  #marketMoney(): readonly (readonly [string, bigint])[] {
    const settled = [...this.#slots.values()].filter(({ prices }) => prices !== null);
    const results = settled.flatMap((notes) => [...notes.bought.keys()].map((party) => this.#resultOf(notes, party)));
    const imported = sumOf(results.map((result) => result.imported));
    const byAward = settled.filter(({ crossing }) => crossing !== null);
    const crossings = this.#crossings();
    const borne = byAward.flatMap((notes) =>
      [...notes.bought.keys()].map((party) => {
        const { money, penalty, levied, deviation } = this.#resultOf(notes, party);
        return notes.isOwnRisk ? -money - penalty - levied : deviation;
      }),
    );
    return [
      [PENALTIES, sumOf(results.map(({ penalty }) => penalty))],
      ...this.#rules.levies.map(({ name, price }) => [levyAccount(name), BigInt(price) * imported] as const),
      [FEES, sumOf(crossings.map(({ fees }) => fees))],
      [RENT, sumOf(crossings.map(({ rent }) => rent))],
      [LOSSES, sumOf([...this.#slots.values()].map(residueOf))],
      [IMBALANCE, sumOf(borne) + this.#stated],
    ];
  }

  /** Once all is settled: what it paid in, what awards are worth above, and what parties paid it where it traded as one. */
  #residualMoney(): bigint {
    const traded = [...this.#slots.values()].filter(({ crossing }) => crossing === null);
    const paid = traded.flatMap((notes) => [...notes.bought.keys()].map((party) => this.#resultOf(notes, party)));
    const received = sumOf(paid.map(({ money, penalty, levied }) => -money - penalty - levied));
    const awarded = sumOf(this.#crossings().map(({ paidAbove }) => paidAbove));
    return (this.#wealth.get(this.#residual) ?? 0n) + awarded + received - this.#stated;
  }

  #compareEnergy(
    state: StateView,
    compare: (what: string, found: bigint, wanted: bigint) => void,
    unaccounted: bigint,
  ) {
    const energy = (account: string): bigint => balanceOf(state.ledger, "energy", account) ?? 0n;
    const lost = sumOf(this.#crossings().map(({ above, below }) => above - below));
    for (const party of state.parties) compare(`energy of ${party}`, energy(partyAccount(party)), 0n);
    compare("energy of imbalance", energy(IMBALANCE), 0n);
    compare("energy of losses", energy(LOSSES), lost);
    compare("delivered", energy(DELIVERED), -unaccounted - lost);
  }

  #crossings(): readonly Crossing[] {
    return [...this.#slots.values()].flatMap(({ crossing }) => (crossing === null ? [] : [crossing]));
  }

  #isSettled(): boolean {
    return [...this.#slots.values()].every(({ prices }) => prices !== null);
  }

  #noteClearing(event: EventOf<"GateClosed">, state: StateView): void {
    const { slot, result, owners, node } = event;
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
    for (const { party, energy } of node?.awards ?? []) bought.set(party, (bought.get(party) ?? 0) + energy);
    this.#slots.set(slot, { ...this.#tieOf(event, price), price, bought, readings: new Map(), prices: null });
  }

  /** What the other end of the tie asks and pays, and what crosses by an award. */
  #tieOf({ slot, tariff, feedIn, node }: EventOf<"GateClosed">, price: number): TieNotes {
    const mode = node?.mode ?? "tariff";
    const supplier = { taking: tariff, giving: feedIn };
    if (mode === "tariff") return { above: supplier, crossing: null, isOwnRisk: false };
    if (mode === "fallback-tariff") return { above: supplier, crossing: NO_CROSSING, isOwnRisk: true };
    if (mode !== "award") return { above: { taking: price, giving: price }, crossing: NO_CROSSING, isOwnRisk: false };
    const award = this.#awards.get(slot);
    const tie = this.#ties.findLast(({ from }) => from <= slot)?.tie;
    if (award === undefined || tie === undefined || tie === null)
      throw new Error("an award was told, and so is its tie");
    const above = pricesBelow(award.price, tie);
    const crossing = crossingOf(award, node?.tie?.flow.below ?? 0, price, above, tie);
    return { above, crossing, isOwnRisk: false };
  }

  #noteSettlement(slot: InstantMs): void {
    const notes = this.#notes(slot);
    const { above, price } = notes;
    const total = [...notes.bought.keys()].reduce((sum, party) => {
      return party === this.#residual ? sum : sum + this.#deviationOf(notes, party);
    }, 0);
    const { kind } = this.#rules.imbalance;
    const one = kind === "penalty" || total === 0 ? price : total > 0 ? above.taking : above.giving;
    notes.prices =
      kind === "dual"
        ? { taking: Math.max(above.taking, price), giving: Math.min(above.giving, price) }
        : { taking: one, giving: one };
  }

  /** What the slot brought the party, and what of it went where. */
  #resultOf(
    notes: SlotNotes,
    party: PartyId,
  ): Record<"money" | "penalty" | "levied" | "imported" | "deviation", bigint> {
    const { imbalance, levies } = this.#rules;
    if (party === this.#residual || notes.prices === null || !notes.bought.has(party))
      return { money: 0n, penalty: 0n, levied: 0n, imported: 0n, deviation: 0n };
    const drawn = BigInt(this.#deviationOf(notes, party));
    const deviation = BigInt(drawn > 0n ? notes.prices.taking : notes.prices.giving) * drawn;
    const worth = BigInt(notes.price) * drawn;
    const share = imbalance.kind === "penalty" ? BigInt(imbalance.share) : 0n;
    const penalty = ((worth < 0n ? -worth : worth) * share) / WHOLE;
    const imported = BigInt(notes.readings.get(party)?.imported ?? 0);
    const levied = levies.reduce((sum, { price }) => sum + BigInt(price) * imported, 0n);
    const traded = BigInt(notes.price) * BigInt(notes.bought.get(party) ?? 0);
    return { money: -traded - deviation - penalty - levied, penalty, levied, imported, deviation };
  }

  /** What the ties metered beyond the awards' losses and the members' meters. */
  #unaccounted(): bigint {
    const settled = [...this.#slots.values()].filter(({ prices }) => prices !== null);
    return sumOf(
      settled.map((notes) => {
        const members = [...notes.bought.keys()].filter((party) => party !== this.#residual);
        const metered = members.reduce((sum, party) => sum + this.#netOf(notes, party), 0);
        const { above, below } = notes.crossing ?? NO_CROSSING;
        return BigInt(-this.#netOf(notes, this.#residual)) - (above - below) - BigInt(metered);
      }),
    );
  }

  #deviationOf(notes: SlotNotes, party: PartyId): number {
    return this.#netOf(notes, party) - (notes.bought.get(party) ?? 0);
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

/** The price above as it is worth below: rounded up to import, down to export. */
function pricesBelow(price: number, { feeIn, feeOut, loss }: Tie): PricePair {
  const kept = WHOLE - BigInt(loss);
  return {
    taking: Number(-floored(-BigInt(price + feeIn) * WHOLE, kept)),
    giving: Number(floored(BigInt(price) * kept, WHOLE)) - feeOut,
  };
}

/** The energy arrives less its loss, fees are paid on what is sent, and what the price below has on top is rent. */
function crossingOf(award: ApplyAward, received: number, price: number, seen: PricePair, tie: Tie): Crossing {
  const [above, below] = [BigInt(award.energy), BigInt(received)];
  const kept = WHOLE - BigInt(tie.loss);
  const isExport = above < 0n || below < 0n;
  const [sent, arrived] = isExport ? [-below, -above] : [above, below];
  const isPossible = floored(sent * kept, WHOLE) === arrived;
  if (!isPossible) throw new Error(`of ${sent} Wh that are sent ${arrived} cannot arrive`);
  const fees = BigInt(isExport ? tie.feeOut : tie.feeIn) * sent;
  const gain = BigInt(price - (isExport ? seen.giving : seen.taking)) * below;
  return { above, below, paidAbove: BigInt(award.price) * above, fees, rent: gain > 0n ? gain : 0n };
}

/** What whole prices and whole watt-hours leave over of an award. */
function residueOf({ crossing, price }: SlotNotes): bigint {
  if (crossing === null) return 0n;
  const { below, paidAbove, fees, rent } = crossing;
  return BigInt(price) * below - paidAbove - fees - rent;
}

function floored(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
