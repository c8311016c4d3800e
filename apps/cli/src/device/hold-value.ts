/** A controller for the length of a command: what it tells, how it ends, and that it always gives back. */
import {
  SAFE_WRITE_DEFAULTS,
  type Capability,
  type ControlEvent,
  type ControlEventCode,
  type Controller,
  type SafeWriteOptions,
} from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { ControlRunner, machineTime, type ControlMemory, type DeviceHandle } from "@micromarket/gateway";
import { formatInstant, instantMs, type InstantMs } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import type { StopSignals } from "../stop-signals.ts";
import { humanValue } from "./human-value.ts";
import { pause } from "./pause.ts";

/** What ends the attempt to hold a value: waiting would not help, or would go against somebody. */
const ENDS: ReadonlySet<ControlEventCode> = new Set<ControlEventCode>([
  ...(["OBJECTED", "BUDGET_EXHAUSTED", "VALUE_REFUSED", "NO_VALUE_ALLOWED", "VALUE_UNKNOWN"] as const),
  ...(["UNSUPPORTED", "LOCKED", "WRITE_FAILED", "VERIFY_FAILED", "FOREIGN_CHANGE", "FOREIGN_HELD"] as const),
  "EFFECT_GIVEN_UP",
]);

const LOOK_MS = 200;
/** How long a device that does not answer is asked to take back what it was told. */
const RELEASE_WITHIN_MS = 60_000;

/** What a holder needs. */
export interface HolderInit {
  readonly control: Control;
  readonly path: string;
  readonly memory: ControlMemory;
  readonly options?: Partial<SafeWriteOptions>;
  readonly json: boolean;
  readonly port: ConsolePort;
  readonly signals: StopSignals;
}

/** One control that is held for a while. */
export class Holder {
  readonly #init: HolderInit;
  readonly #runner: ControlRunner;
  readonly #start = { wall: machineTime.wallNow() as number, elapsed: machineTime.elapsedMs() };
  readonly #codes: ControlEventCode[] = [];

  constructor(init: HolderInit) {
    this.#init = init;
    this.#runner = new ControlRunner({
      control: init.control,
      path: init.path,
      memory: init.memory,
      options: () => ({ ...SAFE_WRITE_DEFAULTS, checkEveryMs: 5_000, ...init.options }),
      now: () => this.now(),
      after: (delayMs, action) => machineTime.after(delayMs, action),
      isUnlocked: () => true, // the caller has looked
      tell: (event, at) => this.#tell(event, at),
    });
  }

  /** Since the start no clock that is set moves it. */
  now(): InstantMs {
    return instantMs(Math.round(this.#start.wall + machineTime.elapsedMs() - this.#start.elapsed));
  }

  get controller(): Controller {
    return this.#runner.controller;
  }

  /** What it has told, in order. */
  get codes(): readonly ControlEventCode[] {
    return this.#codes;
  }

  /** Whether the device says what is wanted. */
  get isHeld(): boolean {
    const { hold, phase } = this.controller;
    return hold !== null && hold.held !== null && hold.sent === null && phase.kind === "resting";
  }

  get #isOver(): boolean {
    return this.#init.signals.requests > 0 || this.#codes.some((code) => ENDS.has(code));
  }

  /** Wants `value` until the device says it; `false` where it came to nothing, or somebody asked to stop. */
  async take(value: number, withinMs: number): Promise<boolean> {
    this.#runner.want(value);
    const { backOffUntil, hold } = this.controller;
    if (backOffUntil !== null && hold === null) {
      const detail = `left alone until ${formatInstant(backOffUntil)}: somebody else changed it, or writes failed, before`;
      this.#tell({ code: "FOREIGN_HELD", value: null, detail }, this.now());
      return false;
    }
    const end = machineTime.elapsedMs() + withinMs;
    while (!this.isHeld && !this.#isOver && machineTime.elapsedMs() < end) await pause(LOOK_MS, this.#init.signals);
    return this.isHeld && !this.#isOver;
  }

  /** Keeps the value up for so long, and looks at what the device measures meanwhile; `false` where it had to end. */
  async keep(handle: DeviceHandle, forMs: number): Promise<boolean> {
    const end = machineTime.elapsedMs() + forMs;
    while (!this.#isOver && machineTime.elapsedMs() < end) {
      await pause(Math.min(1_000, end - machineTime.elapsedMs()), this.#init.signals);
      const point = this.#init.control.rules.effect?.point;
      if (point === undefined || this.#isOver) continue;
      const { readings } = await handle.read();
      for (const reading of readings) if (reading.point === point) this.#runner.measured(reading);
    }
    return !this.#codes.some((code) => ENDS.has(code));
  }

  /** Gives back; `false` where the device did not take it back in time. What is held stays remembered then. */
  async release(why: string): Promise<boolean> {
    const before = this.#init.signals.requests;
    if (this.controller.wanted !== null) this.#runner.release(why);
    else this.#runner.look();
    let isLate = false;
    const cancel = machineTime.after(RELEASE_WITHIN_MS, () => (isLate = true));
    const isAtRest = (): boolean => this.controller.hold === null && this.controller.phase.kind === "resting";
    while (!isAtRest() && !isLate && this.#init.signals.requests <= Math.max(1, before)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    cancel();
    const isReleased = isAtRest();
    this.#runner.close();
    return isReleased;
  }

  #tell(event: ControlEvent, at: InstantMs): void {
    this.#codes.push(event.code);
    const { json, port } = this.#init;
    const { capability } = this.#init.control.rules;
    if (json) port.out(`${JSON.stringify({ at: formatInstant(at), capability, ...event })}\n`);
    else port.out(eventLine(event, capability, at));
  }
}

function eventLine({ code, value, detail }: ControlEvent, capability: Capability, at: InstantMs): string {
  const shown = value === null ? "" : `${humanValue(capability, value)}: `;
  return `${formatInstant(at)}  ${code.padEnd(18)}  ${shown}${detail}\n`;
}
