/**
 * What the API knows of a market: a port. The API asks it and nothing else, so that a slow request never holds up the
 * market, and so that what stands on the wire is a function of what was reported.
 *
 * Invariants: it holds cleared slots only (an open book is nobody's business); everything in it is bounded; it answers
 * at once and never waits.
 */
import type { DeviceReadings, Reading } from "@micromarket/assets";
import type {
  AccountCredited,
  CreditLineSet,
  DeliveryEstimated,
  DeliveryPosted,
  DeliveryTruedUp,
  GateClosed,
  MarketRules,
  PaidOut,
  PartyRegistered,
  PositionFormed,
  Prices,
  SlotSettled,
  TariffSet,
  TieEntry,
} from "@micromarket/engine";
import type { AmountNano, InstantMs, PartyId } from "@micromarket/kernel";

/** An event and when the market node noted it. */
export interface Dated<Event> {
  readonly at: InstantMs;
  readonly event: Event;
}

/** All that happened to a slot from its gate closure on. */
export interface SlotRecord {
  readonly closed: Dated<GateClosed>;
  /** What was presented to the market above; `null` where nothing was, or it is not known any more. */
  readonly position: Dated<PositionFormed> | null;
  /** In order of report; of a party whose reading came late the one that came. */
  readonly deliveries: readonly Dated<MeteredDelivery>[];
  /** What set estimates right, in order. */
  readonly adjustments: readonly Dated<DeliveryTruedUp>[];
  /** `null` while deliveries are awaited. */
  readonly settled: Dated<SlotSettled> | null;
}

/** What was metered, or assumed. */
export interface MeteredDelivery extends DeliveryPosted {
  /** The reading has not come. */
  readonly isEstimate: boolean;
}

/** What the profile of a device says of it. */
export interface DeviceProfile {
  readonly name: string;
  readonly version: string;
  /** meter, inverter, battery, … */
  readonly kind: string;
  readonly vendor: string;
  /** How well it is known: two sources agree; one source; an independent simulator; a real device. */
  readonly verified: "facts" | "single" | "lab" | "field";
  /** What an installer must do, and what an operator should know. */
  readonly requirements: readonly string[];
  readonly caveats: readonly string[];
}

/** What the link to a device has counted since the start. */
export interface LinkFigures {
  readonly requests: number;
  readonly timeouts: number;
  /** Answers that say no. */
  readonly exceptions: number;
  readonly reconnects: number;
  /** When the device last answered well; `null`: never yet. */
  readonly lastGood: InstantMs | null;
}

/** What is known of a device besides its readings. */
export interface DeviceDescription {
  /** `null`: not told. */
  readonly profile: DeviceProfile | null;
  readonly link: LinkFigures | null;
  /** What is wrong with it now, in words for an operator; `null`: nothing, or not told. */
  readonly trouble: string | null;
  /** What to keep in mind of its numbers: `direction`, `too coarse`, `estimated`, … */
  readonly flags: readonly string[];
}

/** A device with the last reading of each point. */
export interface DeviceRecord {
  readonly device: string;
  readonly readings: readonly Reading[];
  readonly description: DeviceDescription;
}

/** A party and what its account holds. */
export interface PartyRecord {
  readonly party: PartyId;
  readonly balance: AmountNano;
}

/** A half-open stretch of time; `null` is an open end. */
export interface TimeRange {
  readonly from: InstantMs | null;
  readonly to: InstantMs | null;
}

/** Which slots to list. */
export interface SlotQuery extends TimeRange {
  readonly order: "newest-first" | "oldest-first";
  readonly limit: number;
}

/** A device answered, or did not. */
export interface DeviceObserved extends DeviceReadings {
  readonly type: "DeviceObserved";
}

/** What subscribers are told. What happens in an open book is not among it. */
export type News =
  | PartyRegistered
  | AccountCredited
  | PaidOut
  | CreditLineSet
  | TariffSet
  | GateClosed
  | DeliveryPosted
  | DeliveryEstimated
  | DeliveryTruedUp
  | SlotSettled
  | DeviceObserved;

/** One piece of news with its place in the order of all news. */
export interface NumberedNews extends Dated<News> {
  /** Grows by 1 with each piece. */
  readonly sequence: number;
}

/** Hears each piece of news once, in order. */
export type NewsListener = (news: NumberedNews) => void;

/** The API's view of one market node. */
export interface MarketReadModel {
  readonly rules: MarketRules;
  /** Since when the market has been running without a break: gates that were due before it are not overdue. */
  readonly runningSince: InstantMs;
  /** The latest slot whose gate was closed. */
  closedThrough(): InstantMs | null;
  /** Of all that happened from here on nothing is missing. */
  completeFrom(): InstantMs;
  /** The record of the slot that starts at `start`, or `null`: not cleared yet, passed over, or no longer kept. */
  slot(start: InstantMs): SlotRecord | null;
  /** Records of slots that start in the range, at most `limit`. */
  slots(query: SlotQuery): readonly SlotRecord[];
  /** The residual counterparty's prices for the slot that starts at `start`. */
  pricesAt(start: InstantMs): Prices | null;
  /** The tie to the market above for the slot that starts at `start`; `null`: islanded, or no market is above. */
  tieAt(start: InstantMs): TieEntry["tie"];
  /** Positions whose award has not come, in order of slot: their gates are closed, their books frozen. */
  awaiting(): readonly Dated<PositionFormed>[];
  /** In order of id. */
  parties(): readonly PartyRecord[];
  party(id: string): PartyRecord | null;
  /** Payments from outside that were credited to `party` in the range, oldest first, as far as they are kept. */
  payments(party: PartyId, range: TimeRange): readonly Dated<AccountCredited | PaidOut>[];
  /** The last reading of each point, in order of device. */
  devices(): readonly DeviceRecord[];
  /** The number of the latest piece of news. */
  lastSequence(): number;
  /** The news after `sequence`, or `null` where some of it is no longer kept or `sequence` was never given out. */
  newsAfter(sequence: number): readonly NumberedNews[] | null;
  /** From now on `listener` hears all news, until the function that is returned is called. */
  subscribe(listener: NewsListener): () => void;
}
