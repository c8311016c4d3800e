/**
 * One SunSpec device behind a link: which unit it is, where its models lie, and what they say.
 *
 * Invariants: nothing throws and nothing rejects. After a silence the device is asked who it is before its map is believed
 * again; a header that does not match ends the map at once.
 */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { RegisterSource } from "../modbus-device.ts";
import type { WriteOutcome } from "../modbus-link.ts";
import type { WordsRequest } from "../write-request.ts";
import { findMap, forgetMap, type MapMemory } from "./find-map.ts";
import type { PointPlace } from "./model-table.ts";
import { readModel, type ModelReading } from "./read-model.ts";
import type { Ask, MappedDevice, ModelPlace, SunspecFailure, SunspecMap } from "./sunspec-map.ts";
import type { SunspecProfile } from "./sunspec-profile.ts";

/** The part of `ModbusLink` that writes. */
export interface RegisterSink {
  writeWords(request: WordsRequest): Promise<WriteOutcome>;
}

/** Which device, where. */
export interface SunspecSite {
  /** The name that its readings carry. */
  readonly device: string;
  readonly link: RegisterSource;
  readonly profile: SunspecProfile;
  /** @default the first of the profile's that is such a device */
  readonly unit?: number;
  /** Which of the unit's devices of that kind, from 0. @default 0 */
  readonly subdevice?: number;
  /** Maps of earlier walks; may be shared by all devices of a process. @default its own */
  readonly memory?: MapMemory;
}

/** A device that was found. */
export interface FoundDevice {
  readonly unit: number;
  readonly map: SunspecMap;
  readonly device: MappedDevice;
}

export class SunspecUnit {
  readonly #site: SunspecSite;
  readonly #memory: MapMemory;
  #found: FoundDevice | null = null;
  #isDoubtful = false;

  constructor(site: SunspecSite) {
    this.#site = site;
    this.#memory = site.memory ?? new Map<string, SunspecMap>();
  }

  get profile(): SunspecProfile {
    return this.#site.profile;
  }

  /** As found last; `null` before, and after its map did not hold. */
  get found(): FoundDevice | null {
    return this.#found;
  }

  /** Finds the device, or answers what was found before. */
  async find(): Promise<Result<FoundDevice, SunspecFailure>> {
    if (this.#found !== null && !this.#isDoubtful) return ok(this.#found);
    const { profile, unit } = this.#site;
    const units = this.#found === null ? (unit === undefined ? profile.manners.unitProbe : [unit]) : [this.#found.unit];
    let first: SunspecFailure = { code: "NOT_SUNSPEC", detail: "no unit to look at" };
    for (const [index, candidate] of units.entries()) {
      const found = await this.#look(candidate);
      if (found.ok) {
        this.#isDoubtful = false;
        this.#found = found.value;
        return found;
      }
      if (index === 0) first = found.error;
      if (isDeaf(found.error)) break;
    }
    return fail(first);
  }

  /** How many devices of the kind that the profile is for lie behind the unit that was found. */
  get subdevices(): number {
    return this.#found === null ? 0 : this.#fitting(this.#found.map).length;
  }

  /** The model of that number; `null`: the device has none. */
  modelOf(id: number): ModelPlace | null {
    return this.#found?.device.models.find((model) => model.id === id) ?? null;
  }

  /** Reads points of one model of the device that was found. */
  async read(
    model: ModelPlace,
    points: readonly PointPlace[],
    maxRegisters = this.#site.profile.manners.maxRegisters,
  ): Promise<Result<ModelReading, SunspecFailure>> {
    const reading = await readModel(this.ask, model, points, maxRegisters);
    if (!reading.ok) this.#doubt(reading.error);
    return reading;
  }

  /** Asks the unit that was found. */
  readonly ask: Ask = (address, count) => this.#ask(this.#found?.unit ?? 1, address, count);

  #doubt(failure: SunspecFailure): void {
    if (failure.code === "MAP_CHANGED" && this.#found !== null) {
      forgetMap(this.#found.map, this.#memory);
      this.#found = null;
    } else if (failure.code !== "EXCEPTION") {
      this.#isDoubtful = true;
    }
  }

  async #look(unit: number): Promise<Result<FoundDevice, SunspecFailure>> {
    const { profile, subdevice = 0 } = this.#site;
    const { bases, quirks } = profile;
    const endsByException = quirks.has("end_by_exception");
    const secondIdentityIsDevice = quirks.has("second_common_is_device");
    const ask: Ask = (address, count) => this.#ask(unit, address, count);
    const map = await findMap(ask, { bases, endsByException, secondIdentityIsDevice }, this.#memory);
    if (!map.ok) return map;
    const device = this.#fitting(map.value)[subdevice];
    if (device !== undefined) return ok({ unit, map: map.value, device });
    forgetMap(map.value, this.#memory); // it may have been cut short
    const there = map.value.devices.map(({ models }) => models.map(({ id }) => id).join(" ")).join("; ");
    const wanted = `${profile.head.name} needs one of the models ${profile.needsAny.join(", ")}`;
    return fail({ code: "MODEL_MISSING", detail: `${wanted}; unit ${unit} has ${there}` });
  }

  #fitting({ devices }: SunspecMap): readonly MappedDevice[] {
    const { needsAny } = this.#site.profile;
    return devices.filter(({ models }) => models.some(({ id }) => needsAny.includes(id)));
  }

  #ask(unit: number, address: number, count: number): ReturnType<Ask> {
    const { timeoutMs, gapMs, connectDelayMs } = this.#site.profile.manners;
    return this.#site.link.read({ unit, function: 3, address, count, timeoutMs, gapMs, connectDelayMs });
  }
}

/** The link itself is down: asking other units helps nobody. A unit that is silent behind a gateway is not that. */
function isDeaf({ code }: SunspecFailure): boolean {
  return code === "LINK_CLOSED" || code === "OFFLINE" || code === "CONNECT_FAILED";
}
