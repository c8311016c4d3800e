/**
 * One SunSpec device, read by its profile.
 *
 * Invariants: every poll gives every point of the profile exactly once, a value or a reason; nothing missing is 0 or an older
 * value. Of a point's candidates the first that the device implements is taken, and kept as long as its map holds: two
 * counters of one quantity never take turns. A point that no model of the device has room for is `not-provided`; one that has
 * its place and no value there is `not-reported`. A map that changes while it is read leaves nothing of that poll.
 *
 * SunSpec writes 0 for a counter (`acc…`) that is not there, and so does one that has counted nothing yet. Which of the two it
 * is no register says: such a point is `not-reported`, and named in `zeros` for whoever can tell by other means.
 */
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";
import { measured, missing, type InstantMs, type Measurement, type Result } from "@micromarket/kernel";
import { counterFactsOf } from "./counter-facts.ts";
import type { PointPlace } from "./model-table.ts";
import { isState, operatingState } from "./operating-state.ts";
import { hybridBatteryPower, HYBRID_MODULES, isZeroFrame, ZERO_FRAME_MODELS } from "./quirks.ts";
import { hasRoomFor, type ModelReading } from "./read-model.ts";
import type { Identity, SunspecFailure, SunspecMap } from "./sunspec-map.ts";
import { placeOfPoint, type PointReference } from "./sunspec-models.ts";
import type { SunspecPointSpec } from "./sunspec-profile.ts";
import { SunspecUnit, type SunspecSite } from "./sunspec-unit.ts";

/** What one poll gave, with how the counters in it are kept: by the type and the scale factor of the same answers. */
export interface SunspecReadings extends DeviceReadings {
  /** Of the counters that have a value in this poll. */
  readonly counters: ReadonlyMap<PointName, CounterFacts>;
  /** How counters are kept that stand at 0 where there may be no counter at all; they have no value in this poll. */
  readonly zeros: ReadonlyMap<PointName, CounterFacts>;
}

/** What the models said in one poll, by number. */
type Answers = ReadonlyMap<number, Result<ModelReading, SunspecFailure>>;

export class SunspecDevice {
  readonly #site: SunspecSite;
  readonly #unit: SunspecUnit;
  #chosen = new Map<PointName, PointReference>();
  #counters = new Map<PointName, CounterFacts>();
  #failure: SunspecFailure | null = null;
  /** That to which what was learnt belongs. */
  #map: SunspecMap | null = null;

  constructor(site: SunspecSite) {
    this.#site = site;
    this.#unit = new SunspecUnit(site);
  }

  /** Where the device is and what it has, for its controls. */
  get unit(): SunspecUnit {
    return this.#unit;
  }

  /** Who the device says it is; `null` before it was found. */
  get identity(): Identity | null {
    return this.#unit.found?.device.identity ?? null;
  }

  /** How the counters that were read so far behave, by the last poll that read them. */
  get counters(): ReadonlyMap<PointName, CounterFacts> {
    return this.#counters;
  }

  /** Why the last poll left points missing, as far as a question failed: the first cause; `null` where none did. */
  get failure(): SunspecFailure | null {
    return this.#failure;
  }

  /** Asks for every point; `now` is read when the answers, or their absence, are noted. Never rejects. */
  async poll(now: () => InstantMs): Promise<SunspecReadings> {
    this.#failure = null;
    const found = await this.#unit.find();
    if (!found.ok) return this.#without(found.error, now());
    if (found.value.map !== this.#map) this.#forget();
    this.#map = found.value.map;
    const answers = await this.#readModels();
    const changed = [...answers.values()].find((answer) => !answer.ok && answer.error.code === "MAP_CHANGED");
    if (changed?.ok === false) {
      this.#forget();
      return this.#without(changed.error, now());
    }
    const at = now();
    const { device, profile } = this.#site;
    const counters = new Map<PointName, CounterFacts>();
    const readings = profile.points.map((spec) => ({
      point: spec.point,
      value: this.#value(spec, answers, counters),
      at,
    }));
    this.#counters = new Map([...this.#counters, ...counters]);
    return { device, readings, counters, zeros: this.#zerosIn(readings, answers) };
  }

  #without(failure: SunspecFailure, at: InstantMs): SunspecReadings {
    this.#failure = failure;
    const isThere =
      failure.code === "NOT_SUNSPEC" || failure.code === "MODEL_MISSING" || failure.code === "MAP_INVALID";
    const value = missing(failure.code === "MAP_CHANGED" ? "stale" : isThere ? "not-reported" : "device-silent");
    const { device, profile } = this.#site;
    const readings = profile.points.map(({ point }) => ({ point, value, at }));
    return { device, readings, counters: new Map(), zeros: new Map() };
  }

  /** Of the counters without a value those of which a candidate stands at 0. */
  #zerosIn(readings: readonly Reading[], answers: Answers): ReadonlyMap<PointName, CounterFacts> {
    const zeros = new Map<PointName, CounterFacts>();
    for (const [index, spec] of this.#site.profile.points.entries()) {
      const value = readings[index]?.value;
      if (value?.kind !== "missing" || value.reason !== "not-reported") continue;
      for (const candidate of candidatesOf(spec, this.#chosen)) {
        const answer = answers.get(candidate.model);
        if (answer?.ok !== true || !isAccumulator(candidate) || !hasRoomFor(answer.value.model, candidate.place))
          continue;
        const facts = countingOf(spec, candidate, answer.value, measured(0));
        if (facts !== null && !zeros.has(spec.point)) zeros.set(spec.point, facts);
      }
    }
    return zeros;
  }

  #forget(): void {
    this.#chosen = new Map();
    this.#counters = new Map();
  }

  /** One model after the other; after one that nobody answered for, the rest is not asked. */
  async #readModels(): Promise<Answers> {
    const answers = new Map<number, Result<ModelReading, SunspecFailure>>();
    let silence: SunspecFailure | null = null;
    for (const [id, points] of this.#wanted()) {
      const model = this.#unit.modelOf(id);
      if (model === null) continue;
      const answer: Result<ModelReading, SunspecFailure> =
        silence === null ? await this.#unit.read(model, [...points]) : { ok: false, error: silence };
      answers.set(id, answer);
      if (answer.ok) continue;
      this.#failure ??= answer.error;
      if (answer.error.code === "MAP_CHANGED") break;
      if (answer.error.code !== "EXCEPTION") silence = answer.error;
    }
    return answers;
  }

  #wanted(): ReadonlyMap<number, ReadonlySet<PointPlace>> {
    const wanted = new Map<number, Set<PointPlace>>();
    const { profile } = this.#site;
    const chosen = profile.points.flatMap(({ point, candidates }) => this.#chosen.get(point) ?? candidates);
    const modules = profile.quirks.has("hybrid_modules_3_4_battery") ? HYBRID_MODULES : [];
    for (const { model, place } of [...chosen, ...modules]) {
      wanted.set(model, (wanted.get(model) ?? new Set()).add(place));
    }
    if (profile.quirks.has("zero_frame_filter")) {
      for (const id of ZERO_FRAME_MODELS) {
        for (const name of ["W", "PhVphA", "Hz"]) {
          const place = placeOfPoint(id, name);
          if (place !== null) wanted.get(id)?.add(place);
        }
      }
    }
    return wanted;
  }

  #value(spec: SunspecPointSpec, answers: Answers, counters: Map<PointName, CounterFacts>): Measurement<number> {
    const { quirks } = this.#site.profile;
    if (spec.point === "power_w" && quirks.has("hybrid_modules_3_4_battery")) {
      return plausible(hybridBatteryPower(answers.get(160)), spec);
    }
    let absence: Measurement<number> = missing("not-provided");
    for (const candidate of candidatesOf(spec, this.#chosen)) {
      const answer = answers.get(candidate.model);
      if (answer === undefined) continue;
      if (!answer.ok) return missing("device-silent");
      if (!hasRoomFor(answer.value.model, candidate.place)) continue;
      absence = missing("not-reported");
      if (quirks.has("zero_frame_filter") && isZeroFrame(answer.value)) return missing("out-of-range");
      const value = this.#decode(spec, candidate, answer.value);
      if (value.kind === "missing" && value.reason === "not-reported") continue;
      this.#chosen.set(spec.point, candidate);
      const facts = countingOf(spec, candidate, answer.value, value);
      if (facts !== null) counters.set(spec.point, facts);
      if (value.kind === "value") return plausible(value, spec);
      absence = value;
      break;
    }
    return absence;
  }

  #decode(spec: SunspecPointSpec, candidate: PointReference, reading: ModelReading): Measurement<number> {
    if (isState(candidate)) return operatingState(candidate, reading.number(candidate.place));
    const isMeter = candidate.model >= 201 && candidate.model <= 214;
    const isTurned = isMeter && /^power_/.test(spec.point) && this.#site.profile.quirks.has("meter_sign_inverted");
    return reading.number(
      candidate.place,
      pow10Of(spec.point),
      isTurned && spec.sign === 1 ? -1 : isTurned ? 1 : spec.sign,
    );
  }
}

/** How a counter is kept, by the answer that holds its value; `null`: it is none, or it said nothing. */
function countingOf(
  spec: SunspecPointSpec,
  { place }: PointReference,
  reading: ModelReading,
  value: Measurement<number>,
): CounterFacts | null {
  if (spec.counter === null || value.kind === "missing") return null;
  const scale = reading.scale(place);
  return scale.kind === "missing" ? null : counterFactsOf(place.type, scale.value, value.value, spec.counter);
}

/** Whether 0 is what its type has for "not implemented". */
function isAccumulator({ place }: PointReference): boolean {
  return place.type.startsWith("acc");
}

function candidatesOf(
  { point, candidates }: SunspecPointSpec,
  chosen: ReadonlyMap<PointName, PointReference>,
): readonly PointReference[] {
  const one = chosen.get(point);
  return one === undefined ? candidates : [one];
}

function plausible(value: Measurement<number>, { valid }: SunspecPointSpec): Measurement<number> {
  if (valid === null || value.kind === "missing") return value;
  return value.value < valid.min || value.value > valid.max ? missing("out-of-range") : value;
}

/** From SunSpec's units (W, Wh, V, A, Hz, °C, %) to those of a reading. */
function pow10Of(point: PointName): number {
  if (point.endsWith("_ppm")) return 4;
  return /_(?:mv|ma|mhz|mc)$/.test(point) ? 3 : 0;
}
