/**
 * One capability of one device behind a broker: read from the device's last word, written as the profile says, put back as
 * it was found.
 *
 * Invariants: those of `Control`. A value goes out as its profile's publications in their order, each once, with QoS 1, not
 * retained, never kept for later. What the broker acknowledged the device may not have done: reading tells.
 */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Capability, ControlRules } from "@micromarket/control";
import type { Control, ControlFailure, ControlState } from "@micromarket/device-profiles";
import { encodeValue } from "./encode-value.ts";
import type { MqttDevice } from "./mqtt-device.ts";
import type { CommandFailure, MqttLink } from "./mqtt-link.ts";
import type { ControlProfile, WriteStep } from "./profile.ts";
import { topicOf } from "./read-message.ts";

/** How a control may be used. */
export interface MqttControlOptions {
  /** Nothing is published where it says so. @default never */
  readonly isLocked?: () => boolean;
  /** After which the broker drops what it could not deliver, milliseconds. @default 10 000 */
  readonly validForMs?: number;
}

const VALID_FOR_MS = 10_000;
const SNAPSHOT = /^([a-z_]+)=(-?\d{1,16})$/;

/** The control of `capability`; `UNSUPPORTED` where the device's profile has none. */
export function mqttControl(
  device: MqttDevice,
  capability: Capability,
  link: MqttLink,
  options: MqttControlOptions = {},
): Result<Control, ControlFailure> {
  const profile = device.profile.controls.get(capability);
  if (profile !== undefined) return ok(new MqttControl(device, profile, link, options));
  return fail({ code: "UNSUPPORTED", detail: `profile ${device.profile.name} has no ${capability}` });
}

class MqttControl implements Control {
  readonly rules: ControlRules;
  readonly #device: MqttDevice;
  readonly #profile: ControlProfile;
  readonly #link: MqttLink;
  readonly #isLocked: () => boolean;
  readonly #validForMs: number;
  #letGo: (() => void) | null = null;

  constructor(device: MqttDevice, profile: ControlProfile, link: MqttLink, options: MqttControlOptions) {
    this.rules = profile.rules;
    this.#device = device;
    this.#profile = profile;
    this.#link = link;
    this.#isLocked = options.isLocked ?? (() => false);
    this.#validForMs = options.validForMs ?? VALID_FOR_MS;
  }

  read(): Promise<Result<ControlState, ControlFailure>> {
    const { capability } = this.rules;
    const held = this.#device.stateOf(capability);
    if (held.kind === "missing") {
      const detail = `${this.#device.id} does not tell what it holds of ${capability}: ${held.reason}`;
      return Promise.resolve(fail({ code: "UNREADABLE", detail }));
    }
    const snapshot = `${capability}=${held.value}`;
    const objections = this.#device.objectionsTo(capability);
    return Promise.resolve(ok({ value: held.value, isActive: null, revertsInMs: null, objections, snapshot }));
  }

  /** The device's own timer, where it has one, runs as its settings say: terms cannot change it. */
  async write(value: number): Promise<Result<null, ControlFailure>> {
    if (this.#isLocked()) return this.#locked();
    const { range, forbid } = this.rules;
    const isOnStep = Number.isSafeInteger(value) && (value - range.min) % range.step === 0;
    const isAllowed = isOnStep && value >= range.min && value <= range.max && !forbid.includes(value);
    if (!isAllowed) return fail({ code: "VALUE_REFUSED", detail: `${value} is none of the control's values` });
    const written = await this.#publish(value);
    if (written.ok) this.#keep();
    return written;
  }

  async restore(snapshot: string): Promise<Result<null, ControlFailure>> {
    if (this.#isLocked()) return this.#locked();
    const [, capability, value] = SNAPSHOT.exec(snapshot) ?? [];
    if (capability !== this.rules.capability || value === undefined) {
      return fail({ code: "VALUE_REFUSED", detail: "the snapshot is not one of this control" });
    }
    const restored = await this.#publish(Number(value));
    if (restored.ok) this.hush();
    return restored;
  }

  async #publish(value: number): Promise<Result<null, ControlFailure>> {
    const texts = this.#profile.write.map((step) => encodeValue(step, value));
    if (texts.includes(null)) {
      return fail({ code: "VALUE_REFUSED", detail: `the device has no word for ${value}` });
    }
    for (const [index, step] of this.#profile.write.entries()) {
      const sent = await this.#send(step, texts[index] ?? "");
      if (!sent.ok) return fail(controlFailure(sent.error, index > 0));
    }
    return ok(null);
  }

  async #send({ topic }: WriteStep, payload: string): Promise<Result<null, CommandFailure>> {
    const filled = topicOf(topic, this.#device.id);
    return this.#link.publishToDevice(filled, payload, { validForMs: this.#validForMs });
  }

  hush(): boolean {
    const isKept = this.#letGo !== null;
    this.#letGo?.();
    this.#letGo = null;
    return isKept;
  }

  #keep(): void {
    const { keep } = this.#profile;
    if (keep === null || this.#letGo !== null) return;
    this.#letGo = this.#link.keepAwake({ ...keep, topic: topicOf(keep.topic, this.#device.id) });
  }

  #locked(): Result<never, ControlFailure> {
    return fail({ code: "LOCKED", detail: `${this.#device.id} may be read only` });
  }
}

/**
 * What a publication's failure means for the control. After an earlier one of the same write nobody knows; nor where the
 * broker knows no subscriber, because a broker that is the device itself (as Victron's) needs none.
 */
function controlFailure(failure: CommandFailure, isPartDone: boolean): ControlFailure {
  const detail = "reason" in failure ? `${failure.code}: ${failure.reason}` : failure.code;
  const isUnknown = isPartDone || ["NO_ANSWER", "CONNECTION_LOST", "NOBODY_LISTENS"].includes(failure.code);
  return { code: isUnknown ? "UNKNOWN" : "NOT_DONE", detail };
}
