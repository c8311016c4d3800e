/**
 * A device with one counter that turns back while energy is exported (`net_wh`): a slot's net is import or export.
 *
 * What is a reset for another counter is a flow for this one: only a step that cannot have flowed either way is a break, and
 * so is a fall to exactly 0 of more than twice what power can explain. Where nothing says the power, a reset by less than
 * what may flow is taken for a flow. A counter in registers runs over at both ends; a silence in which half its range may
 * have flowed is a break, since nobody knows which way.
 */
import { wattHours, type InstantMs } from "@micromarket/kernel";
import {
  scaleOf,
  stepAt,
  valueOf,
  type CountedReadings,
  type CounterSpec,
  type MeterSpec,
  type Value,
} from "./counter-facts.ts";
import type { CounterPlace } from "./device-counters.ts";
import type { BorderReading, CounterFlag, DeviceMeter, MeteredSlot } from "./device-meter.ts";
import { AGAINST_TROUBLE, type DeviceTrouble } from "./device-trouble.ts";
import { DirectionWatch } from "./direction-watch.ts";
import { MeterCounter } from "./meter-counter.ts";
import type { PointMemory } from "./meter-memory.ts";
import { NetSplit, splitNet } from "./net-split.ts";

/** A counter may lag so far behind the power. */
const LAG_MS = 60_000;
const HOUR_MS = 3_600_000;
const AGAINST = { kind: "missing", reason: "direction" } as const;

/** Takes one device's readings in. */
export class NetMeter implements DeviceMeter {
  readonly #spec: CounterSpec;
  readonly #place: CounterPlace;
  readonly #counter: MeterCounter;
  readonly #split: NetSplit;
  /** `null`: nothing to compare, or the operator has confirmed it. */
  readonly #direction: DirectionWatch | null;
  #shown: Value | null = null;
  /** The last two of it. */
  #powers: readonly Value[] = [];

  constructor(spec: MeterSpec, net: CounterSpec, place: CounterPlace, memories?: ReadonlyMap<string, PointMemory>) {
    const { gapMax, wattsMax, slotLength } = place;
    const memory = memories?.get("net_wh") ?? null;
    this.#spec = net;
    this.#place = place;
    this.#counter = new MeterCounter({ gapMax, wattsMax, ...scaleOf(net), turnsBack: true }, slotLength, memory);
    this.#split = new NetSplit(slotLength, memory?.net);
    const isCompared = spec.powerMaxAgeMs !== null && !spec.isAsIs;
    this.#direction = isCompared ? new DirectionWatch({ gapMax }, memory?.isAgainst) : null;
  }

  /** While the counter goes against the power nothing is counted. */
  note({ readings }: CountedReadings): void {
    const power = valueOf(readings, "power_w");
    if (power !== null) this.#powers = [...this.#powers.slice(-1), power];
    const shown = valueOf(readings, "net_wh");
    const wasAgainst = this.#isAgainst;
    const sample = power === null || shown === null ? null : { at: power.at, watts: power.value, netWh: shown.value };
    this.#direction?.note(sample, this.#spec.facts.resolutionWh);
    if (this.#isAgainst !== wasAgainst) this.interrupt();
    if (this.#isAgainst || shown === null) return;
    if (this.#isReset(shown)) this.interrupt();
    this.#shown = shown;
    this.#counter.note(shown.at, wattHours(shown.value));
    this.#split.take(this.#counter, shown.at);
  }

  interrupt(): void {
    this.#counter.interrupt();
  }

  doubt(): DeviceTrouble | null {
    if (this.#isAgainst) return AGAINST_TROUBLE;
    const step = stepAt(this.#spec, Math.abs(this.#shown?.value ?? 0));
    if (step <= this.#place.stepMaxWh || step === this.#spec.facts.resolutionWh) return null;
    const what = `the counter has come to steps of ${step} Wh, more than ${this.#place.stepMaxWh} Wh`;
    return { what, mend: "reset the counter, or replace the meter" };
  }

  flag(): CounterFlag | null {
    if (this.#isAgainst) return "direction";
    return this.doubt() === null ? null : "too coarse";
  }

  slotOf(start: InstantMs, now: InstantMs): MeteredSlot {
    if (this.#isAgainst) return AGAINST;
    const net = this.#counter.energyOf(start, now);
    return net.kind === "value" ? { kind: "value", ...splitNet(net.energy) } : net;
  }

  readingAt(border: InstantMs, now: InstantMs): BorderReading {
    if (this.#isAgainst) return AGAINST;
    const mark = this.#counter.markAt(border, now);
    if (mark === null) return { kind: "pending" };
    if (mark.kind === "missing") return mark;
    const split = this.#split.at(border);
    if (split === undefined) return { kind: "missing", reason: "gap" };
    const { run, imported, exported, isEstimate } = split;
    return { kind: "reading", run: String(run), imported, exported, isEstimate };
  }

  memory(): ReadonlyMap<string, PointMemory> {
    const rest = { estimate: null, isAgainst: this.#isAgainst, zero: null, net: this.#split.memory() };
    return new Map([["net_wh", { ...this.#counter.memory(), ...rest }]]);
  }

  get #isAgainst(): boolean {
    return this.#direction?.isAgainst === true;
  }

  /** Whether it fell to 0 by more than the power comes to. */
  #isReset({ at, value }: Value): boolean {
    const last = this.#shown;
    if (value !== 0 || last === null || this.#powers.length === 0 || at <= last.at) return false;
    const watts = Math.max(...this.#powers.map((power) => Math.abs(power.value)));
    const explained = (2 * watts * (at - last.at + LAG_MS)) / HOUR_MS;
    return Math.abs(last.value) > explained + 2 * this.#spec.facts.resolutionWh;
  }
}
