/**
 * One control of one device, carried out as its profile says: the port of `@micromarket/device-profiles` over a Modbus link.
 *
 * Invariants: the lock comes first, then the value, then all frames are built, and only then the first one is sent; a write
 * of several frames that ends after the first is `UNKNOWN`, however it ended; nothing is sent twice.
 */
import type { Control, ControlFailure, ControlState, WriteTerms } from "@micromarket/device-profiles";
import { fail, ok, type Result } from "@micromarket/kernel";
import { framesOf, snapshotFrames, type Frame } from "./build-frames.ts";
import type { ControlSpec } from "./control-spec.ts";
import { decodeNumber } from "./decode-point.ts";
import type { LinkFailure, WriteFailure } from "./link-failure.ts";
import type { WriteOutcome } from "./modbus-link.ts";
import type { RegisterSource } from "./modbus-device.ts";
import { registersOf } from "./encoding.ts";
import type { DeviceProfile } from "./profile.ts";
import type { ReadRegisters } from "./register-check.ts";
import { askCheck } from "./register-check.ts";
import type { WordsRequest } from "./write-request.ts";

/** The part of `ModbusLink` that a control needs. */
export interface RegisterSink extends RegisterSource {
  isWritable(unit: number): boolean;
  writeWords(request: WordsRequest): Promise<WriteOutcome>;
}

/** Which device, where. */
export interface ControlSite {
  readonly link: RegisterSink;
  readonly profile: DeviceProfile;
  /** @default the profile's */
  readonly unit?: number;
}

type Outcome<Value> = Promise<Result<Value, ControlFailure>>;

/** The controls that the device's profile has, in the order of the file. */
export function modbusControls(site: ControlSite): readonly Control[] {
  return site.profile.controls.map((spec) => new ModbusControl(site, spec));
}

class ModbusControl implements Control {
  readonly #site: ControlSite;
  readonly #spec: ControlSpec;
  readonly #unit: number;

  constructor(site: ControlSite, spec: ControlSpec) {
    this.#site = site;
    this.#spec = spec;
    this.#unit = site.unit ?? site.profile.unit;
  }

  get rules(): ControlSpec["rules"] {
    return this.#spec.rules;
  }

  async read(): Outcome<ControlState> {
    const { readback, prechecks, activation, steps } = this.#spec;
    const { encoding } = readback;
    const found = await this.#read({ ...readback, count: registersOf(encoding.type) });
    if (!found.ok) return unreadable(found.error);
    const decoded = decodeNumber(encoding, found.value);
    const objections: string[] = [];
    for (const check of prechecks) {
      const asked = await askCheck(this.#read, check);
      if (!asked.ok) return unreadable(asked.error);
      if (asked.value !== null) objections.push(asked.value);
    }
    const active = activation === null ? ok(null) : await askCheck(this.#read, activation);
    if (!active.ok) return unreadable(active.error);
    const held: { address: number; words: readonly number[] }[] = [];
    for (const { address, count, isWriteOnly } of steps) {
      if (isWriteOnly) continue;
      const words = await this.#read({ function: 3, address, count });
      if (!words.ok) return unreadable(words.error);
      held.push({ address, words: words.value });
    }
    return ok({
      value: decoded.kind === "value" ? decoded.value : null,
      isActive: activation === null ? null : active.value === null,
      revertsInMs: null,
      objections,
      snapshot: JSON.stringify(held),
    });
  }

  async write(value: number, terms: WriteTerms): Outcome<null> {
    const locked = this.#lock();
    if (locked !== null) return fail(locked);
    const frames = framesOf(this.#spec, value, terms);
    if (!frames.ok) return fail({ code: "VALUE_REFUSED", detail: frames.error });
    return this.#send(frames.value);
  }

  async restore(snapshot: string): Outcome<null> {
    const locked = this.#lock();
    if (locked !== null) return fail(locked);
    const frames = snapshotFrames(this.#spec, snapshot);
    if (frames === null) return fail({ code: "VALUE_REFUSED", detail: "this is no snapshot of this control" });
    return this.#send(frames);
  }

  #lock(): ControlFailure | null {
    if (this.#site.link.isWritable(this.#unit)) return null;
    return { code: "LOCKED", detail: `unit ${this.#unit} is read-only` };
  }

  async #send(frames: readonly Frame[]): Outcome<null> {
    for (const [index, frame] of frames.entries()) {
      const failure = await this.#sendFrame(frame);
      if (failure === null) continue;
      const { code, detail } = failure;
      const where = `frame ${index + 1} of ${frames.length}, register ${frame.address}: ${detail}`;
      return fail({ code: index > 0 && code !== "LOCKED" ? "UNKNOWN" : code, detail: where });
    }
    return ok(null);
  }

  async #sendFrame({ function: code, address, words, mask }: Frame): Promise<ControlFailure | null> {
    let changed = words;
    if (mask !== null) {
      const held = await this.#read({ function: 3, address, count: 1 });
      if (!held.ok) return { code: "NOT_DONE", detail: failureText(held.error) };
      changed = held.value.map((word, index) => (word & ~mask) | ((words[index] ?? 0) & mask));
    }
    const { gapMs, timeoutMs, connectDelayMs } = this.#site.profile;
    const request = { unit: this.#unit, function: code, address, words: changed, gapMs, timeoutMs, connectDelayMs };
    const written = await this.#site.link.writeWords(request);
    return written.ok ? null : controlFailure(written.error);
  }

  readonly #read: ReadRegisters = ({ unit, function: code, address, count }) => {
    const { timeoutMs, gapMs, connectDelayMs } = this.#site.profile;
    const manners = { timeoutMs, gapMs, connectDelayMs };
    return this.#site.link.read({ unit: unit ?? this.#unit, function: code, address, count, ...manners });
  };
}

function unreadable(failure: LinkFailure): Result<never, ControlFailure> {
  return fail({ code: "UNREADABLE", detail: failureText(failure) });
}

function controlFailure(failure: WriteFailure): ControlFailure {
  if (failure.code === "WRITE_LOCKED") return { code: "LOCKED", detail: failure.detail };
  if (failure.code === "WRITE_UNKNOWN") return { code: "UNKNOWN", detail: failureText(failure.cause) };
  const isUnsupported = failure.code === "EXCEPTION" && (failure.exception === 1 || failure.exception === 2);
  return { code: isUnsupported ? "UNSUPPORTED" : "NOT_DONE", detail: failureText(failure) };
}

function failureText(failure: LinkFailure): string {
  if (failure.code === "EXCEPTION") return `the device refuses with exception ${failure.exception}`;
  return "detail" in failure ? `${failure.code}: ${failure.detail}` : failure.code;
}
