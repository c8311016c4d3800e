/** The controls of a SunSpec device: the first way that its models offer for a capability. */
import type { Capability, ControlRules } from "@micromarket/control";
import type { Control, ControlFailure, ControlState, WriteTerms } from "@micromarket/device-profiles";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Span } from "../plan-reads.ts";
import type { ModelReading } from "../read-model.ts";
import type { SunspecDevice } from "../sunspec-device.ts";
import type { FoundDevice, RegisterSink, SunspecUnit } from "../sunspec-unit.ts";
import { placeOfPoint } from "../sunspec-models.ts";
import type { SunspecFailure } from "../sunspec-map.ts";
import type { SunspecProfile } from "../sunspec-profile.ts";
import { exponentOf, rawOf, refused, type ControlGroup, type FullPower, type GroupReading } from "./control-group.ts";
import { EdpcLimit } from "./edpc-limit.ts";
import { limitBy123, limitBy704, limitByOneRegister } from "./generation-limit.ts";
import {
  CHARGE_LIMIT_BY_124,
  CONNECT_BY_802,
  DISCHARGE_LIMIT_BY_124,
  reserveBy,
  SETPOINT_BY_124,
  SETPOINT_BY_704,
} from "./storage-power.ts";
import { failureText, valueFault, writeFrames, type AddressedWords } from "./write-frames.ts";

/** One capability of a device; `null`: its profile has it not. Without `sink` it can only be read. */
export function sunspecControl(
  device: SunspecDevice,
  capability: Capability,
  sink: RegisterSink | null,
): Control | null {
  const { unit } = device;
  const rules = unit.profile.controls.get(capability);
  if (rules === undefined) return null;
  if (capability === "limit_generation_ppm" && unit.profile.quirks.has("edpc_limit"))
    return new EdpcLimit(unit, rules, sink);
  const groups = groupsOf(capability, unit.profile);
  return groups.length === 0 ? null : new SunspecControl(unit, rules, groups, sink);
}

function groupsOf(capability: Capability, { quirks }: SunspecProfile): readonly ControlGroup[] {
  switch (capability) {
    case "limit_generation_ppm":
      if (quirks.has("single_register_limit")) return [limitByOneRegister(704), limitByOneRegister(123)];
      return [limitBy704("ppm"), limitBy123("ppm")];
    case "limit_generation_w":
      return [limitBy704("w"), limitBy123("w")];
    case "setpoint_power_w":
      return [SETPOINT_BY_704, SETPOINT_BY_124];
    case "storage_max_charge_w":
      return [CHARGE_LIMIT_BY_124];
    case "storage_max_discharge_w":
      return [DISCHARGE_LIMIT_BY_124];
    case "storage_connect":
      return [CONNECT_BY_802];
    case "storage_reserve_ppm":
      return [reserveBy(802), reserveBy(124)];
    default:
      return [];
  }
}

/** A reading, and where it comes from. */
interface Seen extends GroupReading {
  readonly found: FoundDevice;
  readonly group: ControlGroup;
}

/** What `restore` puts back, and on which device. */
interface Snapshot {
  readonly device: string;
  readonly model: number;
  readonly kept: readonly (readonly [offset: number, words: readonly number[]])[];
}

const HEARTBEATS = [
  { model: 802, name: "CtrlHb", size: 1 },
  { model: 715, name: "ControllerHb", size: 2 },
] as const;

class SunspecControl implements Control {
  readonly rules: ControlRules;
  readonly #unit: SunspecUnit;
  readonly #groups: readonly ControlGroup[];
  readonly #sink: RegisterSink | null;

  constructor(unit: SunspecUnit, rules: ControlRules, groups: readonly ControlGroup[], sink: RegisterSink | null) {
    this.#unit = unit;
    this.rules = rules;
    this.#groups = groups;
    this.#sink = sink;
  }

  async read(): Promise<Result<ControlState, ControlFailure>> {
    const seen = await this.#see();
    if (!seen.ok) return seen;
    const others = await this.#objections();
    if (!others.ok) return others;
    const { group, found, reading } = seen.value;
    const { objections, ...state } = group.state(seen.value);
    const kept = group.kept.flatMap(({ offset, count }): Snapshot["kept"] => {
      const words = reading.words({ offset, count });
      return words === null ? [] : [[offset, words]];
    });
    const snapshot: Snapshot = { device: nameOf(found), model: group.model, kept };
    return ok({ ...state, objections: [...objections, ...others.value], snapshot: JSON.stringify(snapshot) });
  }

  async write(value: number, terms: WriteTerms): Promise<Result<null, ControlFailure>> {
    if (this.#sink === null) return refused("LOCKED", "this device is read-only here");
    const fault =
      valueFault(value, this.rules) ?? (terms.fallback === null ? null : valueFault(terms.fallback, this.rules));
    if (fault !== null) return refused("VALUE_REFUSED", fault);
    const seen = await this.#see();
    if (!seen.ok) return seen;
    const frames = seen.value.group.frames(value, terms, seen.value);
    if (!frames.ok) return frames;
    const beat = this.rules.reversion.kind === "heartbeat" ? await this.#beat() : ok([]);
    if (!beat.ok) return beat;
    const { address } = seen.value.reading.model;
    const words = frames.value.map((frame) => ({ address: address + frame.offset, words: frame.words }));
    return writeFrames(this.#sink, this.#unit.profile, seen.value.found.unit, [...beat.value, ...words]);
  }

  async restore(snapshot: string): Promise<Result<null, ControlFailure>> {
    if (this.#sink === null) return refused("LOCKED", "this device is read-only here");
    const kept = snapshotOf(snapshot, this.#groups);
    if (kept === null) return refused("VALUE_REFUSED", "this is no snapshot of this control");
    const found = await this.#unit.find();
    if (!found.ok) return unreadable(found.error);
    const model = this.#unit.modelOf(kept.model);
    if (model === null || nameOf(found.value) !== kept.device) {
      return refused("NOT_DONE", `the snapshot is of another device or map: ${kept.device}`);
    }
    // The header first: words for another model must not go out.
    const reading = await this.#unit.read(model, []);
    if (!reading.ok) return unreadable(reading.error);
    const frames = kept.kept.map(([offset, words]) => ({ address: model.address + offset, words }));
    return writeFrames(this.#sink, this.#unit.profile, found.value.unit, frames);
  }

  async #see(): Promise<Result<Seen, ControlFailure>> {
    const found = await this.#unit.find();
    if (!found.ok) return unreadable(found.error);
    const group = this.#groups.find(({ model }) => this.#unit.modelOf(model) !== null);
    if (group === undefined) {
      const wanted = this.#groups.map(({ model }) => model).join(" or ");
      return refused("UNSUPPORTED", `${this.rules.capability} needs model ${wanted}`);
    }
    const full = await this.#full(group);
    if (!full.ok) return full;
    const reading = await this.#points(group.model, group.points, group.maxRegisters ?? undefined);
    if (!reading.ok) return reading;
    if (reading.value === null) return refused("UNSUPPORTED", `${this.rules.capability} needs model ${group.model}`);
    return ok({ found: found.value, group, reading: reading.value, full: full.value });
  }

  async #full({ full }: ControlGroup): Promise<Result<FullPower | null, ControlFailure>> {
    for (const text of full ?? []) {
      const [model = "", name = ""] = text.split(":");
      const reading = await this.#points(Number(model), [name]);
      if (!reading.ok) return reading;
      const raw = reading.value === null ? null : rawOf(reading.value, name);
      const scale = reading.value === null ? null : exponentOf(reading.value, name);
      if (raw !== null && raw > 0 && scale !== null) return ok({ raw, scale });
    }
    return ok(null);
  }

  /** `null`: the device has no such model. */
  async #points(
    id: number,
    names: readonly string[],
    maxRegisters?: number,
  ): Promise<Result<ModelReading | null, ControlFailure>> {
    const model = this.#unit.modelOf(id);
    if (model === null) return ok(null);
    const reading = await this.#unit.read(
      model,
      names.flatMap((name) => placeOfPoint(id, name) ?? []),
      maxRegisters,
    );
    return reading.ok ? reading : unreadable(reading.error);
  }

  /** What stands in the way of every write. */
  async #objections(): Promise<Result<readonly string[], ControlFailure>> {
    const objections: string[] = [];
    for (const id of [715, 802]) {
      const reading = await this.#points(id, id === 802 ? ["LocRemCtl", "SetOp"] : ["LocRemCtl"]);
      if (!reading.ok) return reading;
      if (reading.value === null) continue;
      if (rawOf(reading.value, "LocRemCtl") === 1)
        objections.push(`${id}:LocRemCtl is 1: the device obeys its own panel only`);
      const isConnecting = this.rules.capability === "storage_connect";
      if (rawOf(reading.value, "SetOp") === 2 && !isConnecting)
        objections.push("802:SetOp is 2: the battery is disconnected");
    }
    return ok(objections);
  }

  /** The next beat of every heartbeat that the device has; its highest number stands for "not implemented" and is left out. */
  async #beat(): Promise<Result<readonly AddressedWords[], ControlFailure>> {
    const beats: AddressedWords[] = [];
    for (const { model, name, size } of HEARTBEATS) {
      const reading = await this.#points(model, [name]);
      if (!reading.ok) return reading;
      const place = placeOfPoint(model, name);
      const raw = reading.value === null ? null : rawOf(reading.value, name);
      if (reading.value === null || raw === null || place === null) continue;
      const next = (raw + 1) % (size === 1 ? 0xffff : 0xffff_ffff);
      const words = size === 1 ? [next] : [Math.floor(next / 0x1_0000), next % 0x1_0000];
      beats.push({ address: reading.value.model.address + place.offset, words });
    }
    return ok(beats);
  }
}

function unreadable(failure: SunspecFailure): Result<never, ControlFailure> {
  const code = failure.code === "MODEL_MISSING" || failure.code === "NOT_SUNSPEC" ? "UNSUPPORTED" : "UNREADABLE";
  return fail({ code, detail: failureText(failure) });
}

function nameOf({ device: { identity } }: FoundDevice): string {
  return [identity.manufacturer, identity.model, identity.serial].join(" ");
}

function snapshotOf(text: string, groups: readonly ControlGroup[]): Snapshot | null {
  try {
    const { device, model, kept } = JSON.parse(text) as Partial<Snapshot>;
    const group = groups.find((one) => one.model === model);
    if (typeof device !== "string" || group === undefined || !Array.isArray(kept)) return null;
    const isWhole = kept.length === group.kept.length && group.kept.every((span, index) => isKept(span, kept[index]));
    return isWhole ? { device, model: group.model, kept } : null;
  } catch {
    return null;
  }
}

function isKept({ offset, count }: Span, kept: unknown): boolean {
  const [at, words] = Array.isArray(kept) ? (kept as readonly unknown[]) : [];
  if (at !== offset || !Array.isArray(words) || words.length !== count) return false;
  return words.every((word) => Number.isInteger(word) && Number(word) >= 0 && Number(word) <= 0xffff);
}
