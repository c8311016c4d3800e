/**
 * The read model in memory: a projection of the market node's events and the devices' readings.
 *
 * Invariants: it keeps the last `slotsKept` cleared slots, `newsKept` pieces of news, `PAYMENTS_KEPT` payments and the
 * last readings of `DEVICES_MAX` devices, so that it does not grow with time; a balance is the sum of all transfers
 * since the founding, or since the state that it started from.
 */
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import {
  partyAccount,
  tariffInForce,
  transfersOf,
  type AccountCredited,
  type DeliveryEstimated,
  type DeliveryTruedUp,
  type GateClosed,
  type MarketEvent,
  type MarketRules,
  type PaidOut,
  type PositionFormed,
  type Prices,
  type SlotSettled,
  type StateView,
  type TariffEntry,
  type TieEntry,
} from "@micromarket/engine";
import {
  amountNano,
  compareText,
  greatest,
  instantMs,
  minus,
  partyId,
  slotEnd,
  wattHours,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { balanceOf, type Transfer } from "@micromarket/ledger";
import { NewsRing } from "./news-ring.ts";
import type {
  Dated,
  DeviceDescription,
  DeviceRecord,
  MarketReadModel,
  MeteredDelivery,
  News,
  NewsListener,
  NumberedNews,
  PartyRecord,
  SlotQuery,
  SlotRecord,
  TimeRange,
} from "./read-model.ts";

/** Seven days of quarter hours. */
const SLOTS_KEPT = 672;
const NEWS_KEPT = 1_024;
const PAYMENTS_KEPT = 10_000;
/** More devices than one gateway serves; further ones are not taken in. */
const DEVICES_MAX = 10_000;

/** How a model starts, and how much it keeps. */
export interface ReadModelInit {
  readonly rules: MarketRules;
  /** From when on it is fed. */
  readonly since: InstantMs;
  /** When the market was started, where it is fed with its past as well. @default `since` */
  readonly runningSince?: InstantMs;
  /** The node's state at that moment, where it is not newly founded: parties, balances, prices. */
  readonly state?: StateView;
  /** @default 672, seven days of quarter hours */
  readonly slotsKept?: number;
  /** @default 1024 */
  readonly newsKept?: number;
  /**
   * Number before the first piece of news. It must be higher than every number of earlier runs, so that a listener that
   * comes back after a restart is not served from the wrong place. @default `since`, in milliseconds
   */
  readonly lastSequence?: number;
}

/** A read model and how it is fed. */
export interface ReadModel extends MarketReadModel {
  /** Takes in the events of an accepted command, which was applied at `at`. */
  readonly record: (events: readonly MarketEvent[], at: InstantMs) => void;
  /** Takes in a device's answer, noted at `at`. */
  readonly observe: (readings: DeviceReadings, at: InstantMs) => void;
  /** Takes in what else is known of a device, also before its first answer. What is not given stays as it was. */
  readonly describeDevice: (device: string, description: Partial<DeviceDescription>) => void;
}

/** A read model in memory. */
export function createReadModel(init: ReadModelInit): ReadModel {
  return new MemoryReadModel(init);
}

interface OpenRecord extends SlotRecord {
  readonly deliveries: Dated<MeteredDelivery>[];
  readonly adjustments: Dated<DeliveryTruedUp>[];
  settled: Dated<SlotSettled> | null;
}

interface OpenDevice {
  readonly points: Map<PointName, Reading>;
  description: DeviceDescription;
}

const UNDESCRIBED: DeviceDescription = { profile: null, link: null, trouble: null, flags: [] };

class MemoryReadModel implements ReadModel {
  readonly rules: MarketRules;
  readonly runningSince: InstantMs;
  readonly #slotsKept: number;
  readonly #news: NewsRing;
  /** In order of slot, which below another market need not be the order in which slots are cleared. */
  readonly #slots = new Map<InstantMs, OpenRecord>();
  /** In order of slot: gates close in that order. */
  readonly #awaiting = new Map<InstantMs, Dated<PositionFormed>>();
  readonly #balances = new Map<string, bigint>();
  readonly #parties = new Set<PartyId>();
  readonly #devices = new Map<string, OpenDevice>();
  readonly #payments: Dated<AccountCredited | PaidOut>[] = [];
  #tariffs: TariffEntry[] = [];
  #ties: TieEntry[] = [];
  #closedThrough: InstantMs | null = null;
  #completeFrom: InstantMs;

  constructor({ rules, since, runningSince, state, slotsKept, newsKept, lastSequence }: ReadModelInit) {
    this.rules = rules;
    this.runningSince = runningSince ?? since;
    this.#completeFrom = since;
    this.#slotsKept = slotsKept ?? SLOTS_KEPT;
    this.#news = new NewsRing(newsKept ?? NEWS_KEPT, lastSequence ?? since);
    this.#parties.add(rules.residual.party);
    if (state !== undefined) this.#startFrom(state, since);
  }

  #startFrom({ parties, ledger, tariffs, ties, waiting, closedThrough }: StateView, since: InstantMs): void {
    for (const party of parties) {
      this.#parties.add(party);
      this.#balances.set(partyAccount(party), balanceOf(ledger, "money", partyAccount(party)) ?? 0n);
    }
    this.#tariffs = [...tariffs];
    this.#ties = [...ties];
    for (const [slot, { presented }] of waiting) {
      // what the coarsening may cost is told once and kept by nobody
      this.#awaiting.set(slot, { at: since, event: { type: "PositionFormed", slot, ...presented, costMax: null } });
    }
    this.#closedThrough = closedThrough;
  }

  record(events: readonly MarketEvent[], at: InstantMs): void {
    for (const event of events) {
      this.#project(event, at);
      if (isNews(event)) this.#news.publish(event, at);
    }
  }

  #project(event: MarketEvent, at: InstantMs): void {
    switch (event.type) {
      case "PartyRegistered":
        this.#parties.add(event.party);
        return;
      case "AccountCredited":
      case "PaidOut":
        return this.#recordPayment(event, at);
      case "CreditLineSet":
        return this.#post(event.transfers);
      case "TariffSet":
        this.#tariffs = withEntry(this.#tariffs, { from: event.from, tariff: event.tariff, feedIn: event.feedIn });
        return;
      case "TieSet":
        this.#ties = withEntry(this.#ties, { from: event.from, tie: event.tie });
        return;
      case "TieSettled":
        return this.#post(event.transfers);
      case "PositionFormed":
        this.#awaiting.set(event.slot, { at, event });
        return this.#passSlot(event.slot);
      case "GateClosed":
        return this.#recordClearing(event, at);
      case "DeliveryPosted":
        this.#post(event.transfers);
        this.#slots.get(event.slot)?.deliveries.push({ at, event: { ...event, isEstimate: false } });
        return;
      case "DeliveryEstimated":
        return this.#recordEstimate(event, at);
      case "DeliveryTruedUp":
        return this.#recordTrueUp(event, at);
      case "SlotSettled":
        return this.#recordSettlement(event, at);
      default: // what happens in an open book is not kept
    }
  }

  #recordEstimate({ slot, party, imported, exported }: DeliveryEstimated, at: InstantMs): void {
    const reading = { type: "DeliveryPosted", slot, party, imported, exported, transfers: [] } as const;
    this.#slots.get(slot)?.deliveries.push({ at, event: { ...reading, deviation: wattHours(0), isEstimate: true } });
  }

  /** The reading takes the estimate's place. */
  #recordTrueUp(event: DeliveryTruedUp, at: InstantMs): void {
    this.#post(event.transfers);
    const record = this.#slots.get(event.slot);
    if (record === undefined) return;
    record.adjustments.push({ at, event });
    const place = record.deliveries.findIndex((delivery) => delivery.event.party === event.party);
    const known = record.deliveries[place];
    const end = place < 0 ? record.deliveries.length : place;
    record.deliveries.splice(end, 1, { at, event: truedUp(event, known?.event) });
  }

  #recordPayment(event: AccountCredited | PaidOut, at: InstantMs): void {
    this.#post(transfersOf(event));
    this.#payments.push({ at, event });
    const [dropped] = this.#payments.length > PAYMENTS_KEPT ? this.#payments.splice(0, 1) : [];
    if (dropped !== undefined) this.#completeFrom = greatest(this.#completeFrom, instantMs(dropped.at + 1));
  }

  /** The gate of `slot` is closed: what only earlier slots needed is left behind. */
  #passSlot(slot: InstantMs): void {
    if (this.#closedThrough !== null && slot <= this.#closedThrough) return;
    this.#closedThrough = slot;
    this.#tariffs = inForceFrom(this.#tariffs, slot);
    this.#ties = inForceFrom(this.#ties, slot);
  }

  #recordClearing(event: GateClosed, at: InstantMs): void {
    this.#post(event.transfers);
    const position = this.#awaiting.get(event.slot) ?? null;
    this.#awaiting.delete(event.slot);
    const later = [...this.#slots].filter(([slot]) => slot > event.slot);
    for (const [slot] of later) this.#slots.delete(slot);
    this.#slots.set(event.slot, { closed: { at, event }, position, deliveries: [], adjustments: [], settled: null });
    for (const [slot, record] of later) this.#slots.set(slot, record);
    this.#passSlot(event.slot);
    for (const oldest of this.#slots.keys()) {
      if (this.#slots.size <= this.#slotsKept) break;
      this.#slots.delete(oldest);
      this.#completeFrom = greatest(this.#completeFrom, slotEnd({ startMs: oldest, lengthMs: this.rules.slotLength }));
    }
  }

  #recordSettlement(event: SlotSettled, at: InstantMs): void {
    this.#post(event.transfers);
    const record = this.#slots.get(event.slot);
    if (record !== undefined) record.settled = { at, event };
  }

  #post(transfers: readonly Transfer[]): void {
    for (const { ledger, debit, credit, amount } of transfers) {
      if (ledger !== "money") continue;
      this.#balances.set(debit, (this.#balances.get(debit) ?? 0n) - amount);
      this.#balances.set(credit, (this.#balances.get(credit) ?? 0n) + amount);
    }
  }

  observe({ device, readings }: DeviceReadings, at: InstantMs): void {
    const known = this.#device(device);
    if (known === null) return;
    for (const reading of readings) known.points.set(reading.point, reading);
    this.#news.publish({ type: "DeviceObserved", device, readings }, at);
  }

  describeDevice(device: string, description: Partial<DeviceDescription>): void {
    const known = this.#device(device);
    if (known !== null) known.description = { ...known.description, ...description };
  }

  /** `null`: there are too many. */
  #device(device: string): OpenDevice | null {
    const known = this.#devices.get(device);
    if (known !== undefined) return known;
    if (this.#devices.size >= DEVICES_MAX) return null;
    const added = { points: new Map<PointName, Reading>(), description: UNDESCRIBED };
    this.#devices.set(device, added);
    return added;
  }

  closedThrough(): InstantMs | null {
    return this.#closedThrough;
  }

  completeFrom(): InstantMs {
    return this.#completeFrom;
  }

  slot(start: InstantMs): SlotRecord | null {
    return this.#slots.get(start) ?? null;
  }

  slots({ order, limit, ...range }: SlotQuery): readonly SlotRecord[] {
    const starts = [...this.#slots.keys()].filter((start) => isInRange(start, range));
    if (order === "newest-first") starts.reverse();
    return starts.slice(0, limit).flatMap((start) => this.#slots.get(start) ?? []);
  }

  pricesAt(start: InstantMs): Prices | null {
    return tariffInForce(this.#tariffs, start);
  }

  tieAt(start: InstantMs): TieEntry["tie"] {
    return tariffInForce(this.#ties, start)?.tie ?? null;
  }

  awaiting(): readonly Dated<PositionFormed>[] {
    return [...this.#awaiting.values()];
  }

  parties(): readonly PartyRecord[] {
    return [...this.#parties].sort(compareText).map((party) => this.#partyRecord(party));
  }

  party(id: string): PartyRecord | null {
    const known = (this.#parties as ReadonlySet<string>).has(id);
    return known ? this.#partyRecord(partyId(id)) : null;
  }

  #partyRecord(party: PartyId): PartyRecord {
    return { party, balance: amountNano(this.#balances.get(partyAccount(party)) ?? 0n) };
  }

  payments(party: PartyId, range: TimeRange): readonly Dated<AccountCredited | PaidOut>[] {
    return this.#payments.filter(({ at, event }) => event.party === party && isInRange(at, range));
  }

  devices(): readonly DeviceRecord[] {
    return [...this.#devices]
      .sort(([a], [b]) => compareText(a, b))
      .map(([device, { points, description }]) => ({ device, readings: [...points.values()], description }));
  }

  lastSequence(): number {
    return this.#news.last;
  }

  newsAfter(sequence: number): readonly NumberedNews[] | null {
    return this.#news.after(sequence);
  }

  subscribe(listener: NewsListener): () => void {
    return this.#news.subscribe(listener);
  }
}

/** `entries` in order of time with one more, which replaces one of the same instant. */
function withEntry<Entry extends { readonly from: InstantMs }>(entries: readonly Entry[], added: Entry): Entry[] {
  const others = entries.filter(({ from }) => from !== added.from);
  return [...others, added].sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** What of `entries` is in force at `slot` or comes later. */
function inForceFrom<Entry extends { readonly from: InstantMs }>(entries: readonly Entry[], slot: InstantMs): Entry[] {
  const inForce = tariffInForce(entries, slot);
  return entries.filter((entry) => entry === inForce || entry.from > slot);
}

function isInRange(instant: InstantMs, { from, to }: TimeRange): boolean {
  return (from === null || instant >= from) && (to === null || instant < to);
}

/** What happens in an open book, between this market and others, and to keys is not told on. */
function isNews(event: MarketEvent): event is News & MarketEvent {
  return NEWS.has(event.type);
}

const NEWS: ReadonlySet<MarketEvent["type"]> = new Set<Exclude<News["type"], "DeviceObserved">>([
  "PartyRegistered",
  "AccountCredited",
  "PaidOut",
  "CreditLineSet",
  "TariffSet",
  "GateClosed",
  "DeliveryPosted",
  "DeliveryEstimated",
  "DeliveryTruedUp",
  "SlotSettled",
]);

/** The reading that came, in the place of the estimate, which deviated from nothing. */
function truedUp(event: DeliveryTruedUp, estimate: MeteredDelivery | undefined): MeteredDelivery {
  const { slot, party, imported, exported } = event;
  const assumed = estimate === undefined ? wattHours(0) : minus(estimate.imported, estimate.exported);
  const deviation = minus(minus(imported, exported), assumed);
  return { type: "DeliveryPosted", slot, party, imported, exported, deviation, isEstimate: false, transfers: [] };
}
