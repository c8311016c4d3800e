/**
 * The market's daily round: agents tender, gates close, meters are reported.
 *
 * Invariants: nothing is done by a clock that is not known to be right; gates close in order and by the clock alone; a
 * gate that nobody was there to close is closed late where its book holds tenders, and passed over and reported
 * otherwise; a delivery is reported only where it was counted, and a slot without it stays open.
 */
import {
  gateInstant,
  type ClearedSlot,
  type Command,
  type DeliveryPosted,
  type DeliveryTruedUp,
  type EstimateDeliveries,
  type MarketRules,
  type Outcome,
  type ReadMeter,
  type ReportDelivery,
  type SlotReading,
  type View,
} from "@micromarket/engine";
import {
  greatest,
  instantMs,
  least,
  minus,
  plus,
  slotAfter,
  slotAt,
  slotEnd,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { HomeAgents } from "./control/home-planner.ts";
import { counterRound, type CountedParty } from "./counter-rounds.ts";
import type { Desk } from "./desk.ts";
import type { EnergyHistory } from "./energy-history.ts";
import type { GatewayConfig, HomeConfig } from "./gateway-config.ts";
import type { MeteredSlot } from "./device-meter.ts";
import type { MeterBoard } from "./meter-board.ts";
import type { Notice } from "./notice.ts";
import type { SlotClock } from "./slot-clock.ts";

/** What the loop works with. */
export interface MarketLoopInit {
  readonly config: Pick<GatewayConfig, "rules" | "homes" | "tieMeter">;
  readonly clock: Pick<SlotClock, "now" | "state">;
  readonly desk: Desk;
  readonly meters: MeterBoard;
  readonly history: EnergyHistory;
  readonly agents: HomeAgents;
  readonly tell: (notice: Notice) => void;
  /** Makes durable what the counters remember, before anything is reported by it. */
  readonly keep: () => void;
}

type MissingEnergy = Extract<MeteredSlot, { kind: "missing" }>;

/** Tenders go out this part of a slot before its gate closes: a moment's pause of a busy machine does not miss it. */
const TENDER_PART_OF_SLOT = 3;
/** A gate may close this part of a slot after its slot began. */
const LATE_PART_OF_SLOT = 10;

/** Drives one market node. `step` is called again and again, never twice at once. */
export class MarketLoop {
  readonly #init: MarketLoopInit;
  readonly #tenderLeadMs: number;
  readonly #lateMsMax: number;
  /** Deliveries that will not come, by slot. */
  readonly #missing = new Map<InstantMs, Set<PartyId>>();
  /** Until the first settlement is done: what a start finds missing is told as one. */
  #isStart = true;
  #tenderedFor: InstantMs | null = null;
  /** Slots up to here are closed or were told as missed. */
  #passedThrough: InstantMs | null;
  #isClockTrusted = true;

  constructor(init: MarketLoopInit) {
    this.#init = init;
    const slotMs: number = init.config.rules.slotLength;
    this.#tenderLeadMs = Math.floor(slotMs / TENDER_PART_OF_SLOT);
    this.#lateMsMax = Math.floor(slotMs / LATE_PART_OF_SLOT);
    this.#passedThrough = init.desk.state.closedThrough;
  }

  /** Does all that is due. Rejects when the node has failed. */
  async step(): Promise<void> {
    if (!this.#checkClock()) return;
    const now = this.#init.clock.now();
    await this.#closeGates(now);
    await this.#tender(now);
    await this.#settle(now);
  }

  /** When something is due next, readings that come in between left aside. */
  nextDue(): InstantMs {
    const now = this.#init.clock.now();
    const slot = this.#nextSlot(now);
    const gate = gateInstant(this.#init.config.rules, slot);
    const tender = instantMs(gate - this.#tenderLeadMs);
    const end = slotEnd(slotAt(now, this.#init.config.rules.slotLength));
    return least(now < tender ? tender : gate, end);
  }

  /** The first slot whose gate closes after `now`. */
  #nextSlot(now: InstantMs): InstantMs {
    const { gateLead, slotLength } = this.#init.config.rules;
    return slotAfter(slotAt(instantMs(now + gateLead), slotLength)).startMs;
  }

  #checkClock(): boolean {
    const { clock, meters, tell } = this.#init;
    const state = clock.state();
    const isTrusted = state.kind === "synchronised";
    if (isTrusted !== this.#isClockTrusted) {
      meters.interrupt(); // readings of before and after were not taken on one clock
      tell(state.kind === "synchronised" ? { type: "clock-found" } : { type: "clock-lost", reason: state.reason });
    }
    this.#isClockTrusted = isTrusted;
    return isTrusted;
  }

  async #tender(now: InstantMs): Promise<void> {
    const { config, desk, history, agents } = this.#init;
    const slot = this.#nextSlot(now);
    if (now < gateInstant(config.rules, slot) - this.#tenderLeadMs || this.#tenderedFor === slot) return;
    this.#tenderedFor = slot;
    const book = desk.state.books.get(slot);
    const commands = config.homes.flatMap((home) => {
      const expected = history.forecast(home.party, slot);
      return expected === null ? [] : agents.tenders(home, slot, expected);
    });
    await this.#submit(commands.filter((c) => c.type !== "SubmitTender" || book?.tenders.has(c.tender.id) !== true));
  }

  /**
   * Slots that are passed over are told before a later gate closes: what happened after the last closed gate is all that
   * a restart knows to be missed.
   */
  async #closeGates(now: InstantMs): Promise<void> {
    const { rules } = this.#init.config;
    const due = slotAt(instantMs(now + rules.gateLead), rules.slotLength).startMs;
    if (this.#passedThrough !== null && due <= this.#passedThrough) return;
    const isInTime = now <= due + this.#lateMsMax;
    for (const slot of this.#gatesToClose(due, isInTime)) {
      this.#tellMissed(slot);
      const isClosed = await this.#closeGate(slot, slot < due || !isInTime);
      if (isClosed) this.#passedThrough = greatest(this.#passedThrough ?? slot, slot);
    }
    this.#tellMissed(slotAfter(slotAt(due, rules.slotLength)).startMs);
    this.#passedThrough = due;
  }

  /** In order: the gate that is due, where it is not too late for it, and late ones whose books hold tenders. */
  #gatesToClose(due: InstantMs, isInTime: boolean): readonly InstantMs[] {
    const { books, closedThrough } = this.#init.desk.state;
    const tendered = [...books].filter(([slot, { tenders }]) => slot <= due && tenders.size > 0).map(([slot]) => slot);
    return [...new Set(isInTime ? [...tendered, due] : tendered)]
      .filter((slot) => closedThrough === null || slot > closedThrough)
      .sort((a, b) => a - b);
  }

  /** Whether it was closed; a refusal was told. */
  async #closeGate(slot: InstantMs, late: boolean): Promise<boolean> {
    const [outcome] = await this.#submit([{ type: "CloseGate", slot }]);
    const closed = outcome?.ok === true ? outcome.events[0] : undefined;
    if (closed?.type !== "GateClosed") return false;
    const { result, tenders } = closed;
    const { price, energy } = result;
    this.#init.agents.cleared(closed);
    this.#init.tell({ type: "gate-closed", slot, price, energy, tenders: tenders.length, late });
    return true;
  }

  /** Tells the slots before `until` that were passed over since the last closed one. On a fresh journal there are none. */
  #tellMissed(until: InstantMs): void {
    const last = this.#passedThrough;
    if (last === null) return;
    const { slotLength } = this.#init.config.rules;
    const [slotMs, stretchMs]: [number, number] = [slotLength, until - last];
    const count = Math.floor(stretchMs / slotMs) - 1;
    if (count < 1) return;
    const [from, through] = [slotAfter(slotAt(last, slotLength)), slotAfter(slotAt(until, slotLength), -1)];
    this.#init.tell({ type: "slots-missed", from: from.startMs, through: through.startMs, count });
    this.#passedThrough = through.startMs;
  }

  async #settle(now: InstantMs): Promise<void> {
    if (this.#init.config.rules.settlement === undefined) await this.#reportDeliveries(now);
    else await this.#readMeters(now);
    if (this.#isStart) this.#tellLeftOpen();
    this.#isStart = false;
  }

  /** The counters of all homes as one group, then the tie's; then slots are estimated whose readings are due. */
  async #readMeters(now: InstantMs): Promise<void> {
    const { config, desk, meters } = this.#init;
    const { rules, homes, tieMeter } = config;
    const read = async (counted: readonly CountedParty[]): Promise<void> => {
      const rounds = counted.map((each) => counterRound(desk.state, each, meters, now));
      const commands = rounds.flatMap((round) => round.commands);
      if (commands.length > 0) this.#init.keep();
      const missing = rounds.flatMap((round) => round.missing).filter(({ slot }) => desk.state.cleared.has(slot));
      for (const { slot, party, reason } of missing) this.#noteMissing(slot, party, reason);
      await this.#report(commands);
    };
    await read(homes.map(({ party, meter }) => ({ party, device: meter, isMirrored: false })));
    const tie = { party: rules.residual.party, device: tieMeter ?? "", isMirrored: true };
    if (tieMeter !== null) await read([tie]);
    else await this.#report([...desk.state.cleared].flatMap(([slot, record]) => this.#tieOf(slot, record, now) ?? []));
    const due = [...desk.state.cleared.keys()].filter((slot) => now >= readingsDue(rules, slot));
    await this.#report(due.map((slot) => ({ type: "EstimateDeliveries", slot })));
  }

  /** All homes' deliveries as one group, then the tie's: they become durable together. */
  async #reportDeliveries(now: InstantMs): Promise<void> {
    const { rules, homes } = this.#init.config;
    const over = [...this.#init.desk.state.cleared].filter(
      ([slot]) => now >= slotEnd({ startMs: slot, lengthMs: rules.slotLength }),
    );
    const deliveries = over.flatMap(([slot, { awaiting }]) =>
      homes
        .filter(({ party }) => awaiting.has(party) && this.#missing.get(slot)?.has(party) !== true)
        .flatMap((home) => this.#deliveryOf(home, slot, now) ?? []),
    );
    if (deliveries.length > 0) this.#init.keep();
    const outcomes = await this.#report(deliveries);
    deliveries.forEach(({ party, slot }, index) => {
      if (outcomes[index]?.ok !== true) this.#noteMissing(slot, party, "out-of-range");
    });
    await this.#report(over.flatMap(([slot, record]) => this.#tieOf(slot, record, now) ?? []));
  }

  /** Most of them an earlier run told one by one; which ones, nobody remembers. */
  #tellLeftOpen(): void {
    const slots = [...this.#missing.keys()].sort((a, b) => a - b);
    const [from, through] = [slots[0], slots.at(-1)];
    if (from === undefined || through === undefined) return;
    this.#init.tell({ type: "slots-left-open", from, through, count: slots.length });
  }

  #deliveryOf(home: HomeConfig, slot: InstantMs, now: InstantMs): ReportDelivery | null {
    const { party, meter, pv } = home;
    const metered = this.#init.meters.slotOf(meter, slot, now);
    const generated = pv === null ? null : this.#init.meters.slotOf(pv, slot, now);
    if (metered.kind === "missing") return this.#noteMissing(slot, party, metered.reason);
    if (metered.kind === "pending" || generated?.kind === "pending") return null;
    const { imported, exported } = metered;
    return { type: "ReportDelivery", slot, party, imported, exported };
  }

  /** What came in at the tie: by its meter, or, without one, what all homes' meters add up to. */
  #tieOf(slot: InstantMs, { awaiting, metered, open }: View<ClearedSlot>, now: InstantMs): ReportDelivery | null {
    const { rules, tieMeter } = this.#init.config;
    const { party } = rules.residual;
    if (!awaiting.has(party) || this.#missing.get(slot)?.has(party) === true) return null;
    const none = wattHours(0);
    if (tieMeter === null) {
      const isAwaited = (other: PartyId): boolean => other !== party && !this.#init.desk.state.unmetered.has(other);
      if ([...awaiting].some(isAwaited)) return null;
      const sum = open === null ? metered : netOf(open.readings.values());
      const [imported, exported] = [greatest(minus(none, sum), none), greatest(sum, none)];
      return { type: "ReportDelivery", slot, party, imported, exported };
    }
    const counted = this.#init.meters.slotOf(tieMeter, slot, now);
    if (counted.kind === "missing") return this.#noteMissing(slot, party, counted.reason);
    if (counted.kind === "pending") return null;
    // what the tie's meter counts as imported into the microgrid, the supplier exported
    return { type: "ReportDelivery", slot, party, imported: counted.exported, exported: counted.imported };
  }

  async #report(reports: readonly (ReportDelivery | ReadMeter | EstimateDeliveries)[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#submit(reports);
    for (const event of outcomes.flatMap((outcome) => (outcome.ok ? outcome.events : []))) {
      if (event.type === "DeliveryPosted" || event.type === "DeliveryTruedUp") this.#noteDelivery(event);
      if (event.type !== "SlotSettled") continue;
      this.#missing.delete(event.slot);
      this.#init.tell({ type: "slot-settled", slot: event.slot, unaccounted: event.unaccounted });
    }
    return outcomes;
  }

  /** Remembers what a home drew, and what its plant generated as far as that is known, for its forecasts. */
  #noteDelivery({ party, slot, imported, exported }: DeliveryPosted | DeliveryTruedUp): void {
    const { config, clock, meters, history, agents } = this.#init;
    const home = config.homes.find((each) => each.party === party);
    const flexible = home === undefined ? null : agents.flexibleIn(home, slot);
    if (home === undefined || flexible === null) return;
    const generated = generatedIn(home.pv === null ? null : meters.slotOf(home.pv, slot, clock.now()));
    // a plant that was held back could have given what it was expected to
    const lost = generated === null ? NOTHING : heldBack(generated, agents.unsoldIn(home, slot));
    const net = minus(minus(minus(imported, exported), flexible), lost);
    history.note(party, slot, net, generated === null ? null : plus(generated, lost));
  }

  #noteMissing(slot: InstantMs, party: PartyId, reason: MissingEnergy["reason"]): null {
    const parties = this.#missing.get(slot) ?? new Set();
    if (parties.has(party)) return null;
    this.#missing.set(slot, parties);
    parties.add(party);
    if (!this.#isStart) this.#init.tell({ type: "delivery-missing", slot, party, reason });
    return null;
  }

  async #submit(commands: readonly Command[]): Promise<readonly Outcome[]> {
    if (commands.length === 0) return [];
    const outcomes = await this.#init.desk.submit(commands);
    for (const [index, outcome] of outcomes.entries()) {
      const command = commands[index];
      if (outcome.ok || command === undefined) continue;
      const side = command.type === "SubmitTender" ? command.tender.side : null;
      this.#init.tell({ type: "command-refused", command: command.type, side, code: outcome.refusal.code });
    }
    return outcomes;
  }
}

const NOTHING = wattHours(0);

/** From when on a slot of a market with rules of settlement does without the readings that it still lacks. */
function readingsDue({ slotLength, settlement }: MarketRules, slot: InstantMs): InstantMs {
  return instantMs(slot + slotLength + (settlement?.readingsDue ?? 0));
}

function heldBack(generated: WattHours, expected: WattHours | null): WattHours {
  return expected === null ? NOTHING : greatest(minus(expected, generated), NOTHING);
}

/** What the readings add up to, net. */
function netOf(readings: Iterable<SlotReading>): WattHours {
  let sum = wattHours(0);
  for (const { imported, exported } of readings) sum = plus(sum, minus(imported, exported));
  return sum;
}

/** What a plant's meter gave, less what it drew; `null`: not known. */
export function generatedIn(metered: MeteredSlot | null): WattHours | null {
  return metered?.kind === "value" ? minus(metered.exported, metered.imported) : null;
}
