/**
 * All that a market node knows. `apply` owns it and changes it in place; everybody else reads.
 *
 * It stays small however long a market runs: balances, tariffs not yet past, books of open gates, and records of
 * cleared slots until their last delivery is reported, ids of envelopes until they expire, of sessions a few hashes a slot
 * until the slot is signed. Only payment references, keys
 * and grants grow: a payment that is sent again must be recognised however late it comes, a key is one party's for good,
 * and all of them are rare.
 */
import type { Did, Grants, MerkleFrontier, PublicKey, Registry, SeenEnvelopes } from "@micromarket/identity";
import type { HashHex, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Ledger } from "@micromarket/ledger";
import type { Tie } from "@micromarket/grid";
import type { GateBook, GateBookView, StepCurve } from "@micromarket/market";
import type { Placement } from "./lot.ts";
import type { MarketRules } from "./rules.ts";
import type { UnmeteredBasis } from "./delivery-basis.ts";
import type { StandingTenders, StandingTendersView } from "./standing-tenders.ts";

/** The residual counterparty's prices. */
export interface Prices {
  /** What it takes per kWh. */
  readonly tariff: PriceMicro;
  /** What it pays per kWh; never above the tariff. */
  readonly feedIn: PriceMicro;
}

/** Prices in force from an instant on, until a later entry takes over. */
export interface TariffEntry extends Prices {
  readonly from: InstantMs;
}

/** The tie in force from an instant on, until a later entry takes over; `null` is islanded. */
export interface TieEntry {
  readonly from: InstantMs;
  readonly tie: Tie | null;
}

/** What a market below would take. */
export interface NumberedPosition {
  readonly number: number;
  readonly curve: StepCurve;
}

/** A slot whose gate is closed and that waits for the award of the market above. */
export interface WaitingSlot extends Prices {
  readonly tie: Tie;
  readonly tenders: StandingTenders;
  readonly positions: ReadonlyMap<PartyId, NumberedPosition>;
  /** What was presented above. */
  readonly presented: NumberedPosition;
  /** Everybody registered at the gate closure. */
  readonly parties: ReadonlySet<PartyId>;
}

/** The book of a slot whose gate is open. */
export interface SlotBook {
  readonly tenders: StandingTenders;
  /** Ids that were taken back. An id serves once per slot, so that a late copy of a message brings no tender back. */
  readonly cancelled: Set<TenderId>;
  /** The markets below; a party is there or among the tenders' parties, never both. */
  readonly positions: Map<PartyId, NumberedPosition>;
  /** Of the tenders that came in envelopes one by one; a lot says it itself. */
  readonly placed: Map<TenderId, Placement>;
  /** Of the tenders: derived from them, and no part of the state's text. */
  readonly sums: GateBook;
}

/** A trade whose money is held until its slot is settled; between two parties. */
export interface OpenTrade {
  /** The two tenders. */
  readonly buy: TenderId;
  readonly sell: TenderId;
  readonly buyer: PartyId;
  readonly seller: PartyId;
  readonly price: PriceMicro;
  readonly energy: WattHours;
}

/** What a party's meter counted in a slot, or is taken to have counted. */
export interface SlotReading {
  readonly imported: WattHours;
  readonly exported: WattHours;
  readonly isEstimate: boolean;
}

/** What one more kWh costs, and what one less brings. */
export interface PricePair {
  readonly taking: PriceMicro;
  readonly giving: PriceMicro;
}

/** What a market with rules of settlement needs to settle a slot. */
export interface OpenTrades {
  /** In the order of the clearing's answer; the number of a trade names its holds. */
  readonly trades: readonly OpenTrade[];
  /** The price of the slot, also where nothing changed hands. */
  readonly price: PriceMicro;
  /** At the other end of the tie, in prices of this end; an island's own price. */
  readonly above: PricePair;
  /** Of those that have reported. */
  readonly readings: Map<PartyId, SlotReading>;
}

/** A reading that was estimated, and the net energy that its party had bought. */
export interface MissingReading extends SlotReading {
  readonly traded: WattHours;
}

/** A settled slot of which some readings were estimated: they may still come. */
export interface EstimatedSlot {
  /** At which deviations were settled. */
  readonly prices: PricePair;
  /** The price that penalties are a share of. */
  readonly price: PriceMicro;
  /** Whether deviations were settled with the account `imbalance` instead of the residual counterparty. */
  readonly isByAward: boolean;
  /** Those whose reading has not come; never empty. */
  readonly missing: Map<PartyId, MissingReading>;
}

/** The state of a meter's counters at the start of a slot. */
export interface CounterReading {
  readonly at: InstantMs;
  readonly imported: WattHours;
  readonly exported: WattHours;
}

/** A slot that was cleared and waits for deliveries. */
export interface ClearedSlot extends Prices {
  /** Where the rules say how to settle; else `null`. */
  readonly open: OpenTrades | null;
  /** Energy bought less energy sold, for everybody who has to report: all parties at the gate closure. */
  readonly traded: Map<PartyId, WattHours>;
  /** Who has not reported yet; never empty. */
  readonly awaiting: Set<PartyId>;
  /** What crosses the tie by the award of the market above; nothing for an island; `null` where the tie party traded as a party. */
  readonly flow: { readonly above: WattHours; readonly below: WattHours } | null;
  /** Net import of the ordinary parties that have reported, summed. */
  metered: WattHours;
  /** What the tie metered into the microgrid, net; `null` until the residual counterparty reports. */
  tie: WattHours | null;
  /** The price of the slot, where one without a meter is settled by it and the rules keep no trades open; else `null`. */
  readonly price: PriceMicro | null;
}

/** What is known of a session. It leaves the state when it is over and its roots are signed, or nobody can sign them. */
export interface SessionRecord {
  /** For whom is spoken. */
  readonly party: PartyId;
  readonly signer: Did;
  /** The grant by which the signer speaks for the party; `null` where the key is the party's own. */
  readonly grant: string | null;
  /** It takes messages before this instant … */
  readonly expires: InstantMs;
  /** … unless one side has ended it. */
  isEnded: boolean;
  /** Of the last message that was obeyed; 0 before the first one. */
  sequence: number;
  /** What was said and not signed yet, by slot, the oldest first; none of them is empty. */
  readonly unsigned: Map<InstantMs, MerkleFrontier>;
}

/** The state of a market node. */
export interface State {
  readonly rules: MarketRules;
  /** When the last command was applied. */
  at: InstantMs;
  /** Everybody registered, the residual counterparty included. */
  readonly parties: Set<PartyId>;
  readonly ledger: Ledger;
  /** References of all payments that were credited. */
  readonly references: Set<string>;
  /** Those of them that no meter speaks for. */
  readonly unmetered: Map<PartyId, UnmeteredBasis>;
  /** In order of `from`. */
  readonly tariffs: TariffEntry[];
  /** The latest slot whose gate was closed; gates close in order, so that all slots up to it are past. */
  closedThrough: InstantMs | null;
  /** In order of `from`. */
  readonly ties: TieEntry[];
  /** How many positions were presented above; the next one has the next number. */
  positionsFormed: number;
  /** The number of the last statement of the market above that was taken; 0: none. */
  tieStatement: number;
  /** Slots that fell back, in order, while the market above may have awarded something: it says so with its settlement. */
  readonly awardsMissed: Set<InstantMs>;
  /** By start of slot; gates that closed and wait for an award. */
  readonly waiting: Map<InstantMs, WaitingSlot>;
  /** By start of slot; only slots that had a tender or a position. */
  readonly books: Map<InstantMs, SlotBook>;
  /** By start of slot. */
  readonly cleared: Map<InstantMs, ClearedSlot>;
  /** By start of slot, in order of settlement; as long as a late reading still counts. */
  readonly estimated: Map<InstantMs, EstimatedSlot>;
  /** The last reading of every party that reports by its counters. */
  readonly meters: Map<PartyId, CounterReading>;
  /** Parties that have a key or whose standing was set, and the keys; a party that it does not know takes part. */
  readonly registry: Registry;
  readonly grants: Grants;
  /** Envelopes that were obeyed, until they are refused as expired. */
  readonly seen: SeenEnvelopes;
  readonly sessions: Map<HashHex, SessionRecord>;
}

type Primitive = string | number | bigint | boolean | null;

/** The same, for reading only. */
export type View<Type> = Type extends Primitive
  ? Type
  : Type extends StepCurve
    ? StepCurve
    : Type extends GateBook
      ? GateBookView
      : Type extends StandingTenders
        ? StandingTendersView
        : Type extends PublicKey
          ? PublicKey
          : Type extends SeenEnvelopes
            ? Pick<SeenEnvelopes, "size" | "has" | "remembered">
            : Type extends MerkleFrontier
              ? Pick<MerkleFrontier, "count" | "peaks" | "root">
              : Type extends ReadonlyMap<infer Key, infer Value>
                ? ReadonlyMap<Key, View<Value>>
                : Type extends ReadonlySet<infer Item>
                  ? ReadonlySet<Item>
                  : Type extends readonly (infer Item)[]
                    ? readonly View<Item>[]
                    : { readonly [Key in keyof Type]: View<Type[Key]> };

/** A state that may be read only. */
export type StateView = View<State>;
