/**
 * Carries out what the safe write decides, for one capability of one device.
 *
 * Invariants: what a write depends on is durable before its frame goes out; one result is awaited at a time; nothing
 * throws: while the memory cannot be written, a device is only given back.
 */
import type { Reading } from "@micromarket/assets";
import {
  controllerText,
  resumeController,
  stepControl,
  UNTOUCHED,
  type Capability,
  type ControlAction,
  type ControlEvent,
  type Controller,
  type ControlInput,
  type SafeWriteOptions,
} from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { fail, type InstantMs } from "@micromarket/kernel";
import type { ControlMemory } from "./control-memory.ts";

/** What a runner works with. */
export interface ControlRunnerInit {
  readonly control: Control;
  /** Names it in the memory. */
  readonly path: string;
  readonly options: () => SafeWriteOptions;
  readonly memory: ControlMemory;
  /** Real time that nobody can set while the process runs. */
  readonly now: () => InstantMs;
  /** Runs `action` once after `delayMs`; the answer cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  readonly isUnlocked: () => boolean;
  readonly tell: (event: ControlEvent, at: InstantMs) => void;
}

/** The runners of a device, by what they tell it. */
export type Runners = ReadonlyMap<Capability, ControlRunner>;

export class ControlRunner {
  readonly #init: ControlRunnerInit;
  #controller: Controller;
  #kept: string;
  #cancelWake: () => void = () => undefined;
  #isClosed = false;
  /** Whether it was fed since the start: what it remembers to be wanted is then looked after. */
  #isAwake = false;
  readonly #waiting = new Set<() => void>();
  /** What was left of the device's timer, as it said, and when. */
  #timer: { readonly leftMs: number; readonly at: InstantMs } | null = null;
  #actual: number | null = null;

  /** Goes on where the memory ends. A memory of it that makes no sense is treated as none and told. */
  constructor(init: ControlRunnerInit) {
    this.#init = init;
    const text = init.memory.recall(init.path);
    const resumed = text === null ? null : resumeController(text);
    this.#controller = resumed?.ok === true ? resumed.value : UNTOUCHED;
    this.#kept = this.#keptText();
    if (resumed?.ok === false) {
      const detail = "what was remembered of this control is damaged; what it holds counts as somebody else's";
      queueMicrotask(() => init.tell({ code: "VALUE_UNKNOWN", value: null, detail }, init.now()));
    }
  }

  get control(): Control {
    return this.#init.control;
  }

  get controller(): Controller {
    return this.#controller;
  }

  /** What the device said last that it holds, and what is left of its timer now; `null`: not known, or none. */
  get seen(): { readonly value: number | null; readonly revertsInMs: number | null } {
    return { value: this.#actual, revertsInMs: this.#revertsInMs() };
  }

  /** By what the device says of its timer; one that says nothing has what it was told, from the last write on. */
  #revertsInMs(): number | null {
    const { reversion } = this.#init.control.rules;
    const { hold } = this.#controller;
    const now = this.#init.now();
    if (this.#timer !== null) return Math.max(0, this.#timer.leftMs - (now - this.#timer.at));
    const writtenAt = hold?.writtenAt ?? null;
    if (reversion.kind !== "timer" || writtenAt === null) return null;
    return Math.max(0, reversion.afterMs - (now - writtenAt));
  }

  want(value: number): void {
    if (this.#controller.wanted !== value || !this.#isAwake) this.#feed({ kind: "want", value });
  }

  release(why: string): void {
    if (this.#controller.wanted !== null) this.#feed({ kind: "release", why });
    else if (this.#controller.hold !== null) this.look(); // what an earlier run left
  }

  stop(why: string): void {
    this.#feed({ kind: "emergency-stop", why });
  }

  reset(): void {
    this.#feed({ kind: "emergency-reset" });
  }

  measured(reading: Reading): void {
    this.#feed({ kind: "measured", reading: { ...reading, at: this.#init.now() } });
  }

  device(isPresent: boolean): void {
    if (this.#controller.isPresent !== isPresent) this.#feed({ kind: "device", isPresent });
  }

  /** Goes on with what is due: after a start, or once a lock was opened. */
  look(): void {
    this.#feed({ kind: "tick" });
  }

  /** Settles when nothing of ours is held any more and nothing is in flight. */
  async settled(): Promise<void> {
    while (!this.#isAtRest()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Takes nothing more in. What is in flight ends without it. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake();
    this.#wakeWaiting();
  }

  #isAtRest(): boolean {
    const { hold, phase } = this.#controller;
    return this.#isClosed || (hold === null && phase.kind === "resting");
  }

  #feed(input: ControlInput): void {
    if (this.#isClosed) return;
    this.#isAwake = true;
    const { control, options, now, after, isUnlocked, tell } = this.#init;
    const at = now();
    const around = { rules: control.rules, options: options(), at, isUnlocked: isUnlocked() };
    const step = stepControl(this.#controller, input, around);
    // given back, however it came about: what keeps a value up must not outlive it
    if (this.#controller.hold !== null && step.controller.hold === null) control.hush?.();
    this.#controller = step.controller;
    for (const event of step.events) tell(event, at);
    const isKept = this.#keep();
    for (const action of step.actions) void this.#carryOut(action, isKept);
    this.#cancelWake();
    if (step.wakeAt !== null)
      this.#cancelWake = after(Math.max(1, step.wakeAt - at), () => this.#feed({ kind: "tick" }));
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Whether what the next frame depends on is durable. */
  #keep(): boolean {
    const kept = this.#keptText();
    if (kept === this.#kept) return true;
    try {
      this.#init.memory.keep(this.#init.path, controllerText(this.#controller));
      this.#kept = kept;
      return true;
    } catch (error) {
      const detail = `the device can only be given back: what is held cannot be remembered (${String(error)})`;
      this.#init.tell({ code: "WRITE_NOT_DONE", value: null, detail }, this.#init.now());
      return false;
    }
  }

  async #carryOut(action: ControlAction, isKept: boolean): Promise<void> {
    const { control } = this.#init;
    const { token } = action;
    if (action.kind === "read") {
      const result = await control.read();
      this.#actual = result.ok ? result.value.value : null;
      const leftMs = result.ok ? result.value.revertsInMs : null;
      this.#timer = leftMs === null ? null : { leftMs, at: this.#init.now() };
      return this.#feed({ kind: "read", token, result });
    }
    await Promise.resolve(); // its result never comes inside the step that asked for it
    const forgotten = fail({ code: "NOT_DONE" as const, detail: "what was found cannot be remembered" });
    const send = () =>
      action.kind === "write" ? control.write(action.value, action.terms) : control.restore(action.snapshot);
    const isAllowed = isKept || action.kind === "restore"; // what a restore puts back was remembered before the first write
    this.#feed({ kind: "written", token, result: isAllowed ? await send() : forgotten });
  }

  /** What a restart must know; times of refreshes it need not, nor how often a device was written to that bears it. */
  #keptText(): string {
    const { hold, isStopped, takings, count } = this.#controller;
    const held =
      hold === null ? null : [hold.snapshot, hold.foundValue, hold.foundIsActive, hold.bound, hold.held, hold.sent];
    const isCounted = this.#init.control.rules.writesPerDayMax !== null;
    return JSON.stringify([held, isStopped, takings, isCounted ? count : null]);
  }
}
