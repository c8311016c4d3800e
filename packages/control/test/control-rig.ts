/** A controller over a simulated device: carries actions out, lets time pass, keeps the log. */
import {
  controllerText,
  resumeController,
  SAFE_WRITE_DEFAULTS,
  stepControl,
  UNTOUCHED,
  type ControlAction,
  type ControlEvent,
  type ControlInput,
  type ControlRules,
  type ControlState,
  type Controller,
  type SafeWriteOptions,
} from "@micromarket/control";
import { instantMs, ok, type Result } from "@micromarket/kernel";
import { SimulatedDevice, type Fault } from "./simulated-device.ts";

/** A generation limit in watts, behind a timer of 90 s. */
export const LIMIT_RULES: ControlRules = {
  capability: "limit_generation_w",
  range: { min: 0, max: 10_000, step: 100 },
  forbid: [0],
  deadband: 200,
  minIntervalMs: 10_000,
  persistence: "volatile",
  writesPerDayMax: null,
  verify: { tolerance: 10, withinMs: 4_000 },
  effect: null,
  reversion: { kind: "timer", afterMs: 90_000, refreshMs: 30_000, fallsBackTo: 10_000 },
  release: { mode: "restore" },
  onGatewayLoss: "revert",
};

/** A battery's set-point that stays where it is put. */
export const SETPOINT_RULES: ControlRules = {
  ...LIMIT_RULES,
  capability: "setpoint_power_w",
  range: { min: -5_000, max: 5_000, step: 10 },
  forbid: [],
  deadband: 50,
  reversion: { kind: "none" },
  onGatewayLoss: "hold",
};

/** 2026-07-01T00:00Z */
export const MIDNIGHT = 1_782_864_000_000;

export class ControlRig {
  controller: Controller = UNTOUCHED;
  at = MIDNIGHT + 3_600_000;
  isUnlocked = true;
  readonly events: ControlEvent[] = [];
  readonly pending: ControlAction[] = [];
  wakeAt: number | null = null;
  /** Faults of the next actions, in order; after them none. */
  faults: Fault[] = [];
  readonly device: SimulatedDevice;
  readonly rules: ControlRules;
  readonly options: SafeWriteOptions;

  constructor(rules: ControlRules, device: SimulatedDevice, options: Partial<SafeWriteOptions> = {}) {
    this.rules = rules;
    this.device = device;
    this.options = { ...SAFE_WRITE_DEFAULTS, ...options };
  }

  /** One input, without carrying out what follows. */
  step(input: ControlInput): void {
    const { rules, options, at, isUnlocked } = this;
    const step = stepControl(this.controller, input, { rules, options, at: instantMs(at), isUnlocked });
    this.controller = step.controller;
    this.pending.push(...step.actions);
    this.events.push(...step.events);
    this.wakeAt = step.wakeAt;
  }

  /** Carries out the oldest action and hands its result back. */
  carryOutNext(): void {
    const action = this.pending.shift();
    if (action === undefined) return;
    const { token } = action;
    const result = this.device.carryOut(action, this.at, this.faults.shift() ?? "none");
    if (action.kind === "read")
      return this.step({ kind: "read", token, result: result as Result<ControlState, never> });
    this.step({ kind: "written", token, result: result.ok ? ok(null) : result });
  }

  settle(): void {
    while (this.pending.length > 0) this.carryOutNext();
  }

  /** One input, and all that follows at once. */
  do(input: ControlInput): void {
    this.step(input);
    this.settle();
  }

  /** Time passes; the controller is called when it asked for it, and at the end. */
  pass(ms: number): void {
    const end = this.at + ms;
    while (this.wakeAt !== null && this.wakeAt <= end) {
      this.at = Math.max(this.at, this.wakeAt);
      this.device.moveTo(this.at);
      this.do({ kind: "tick" });
    }
    this.at = end;
    this.device.moveTo(end);
    this.do({ kind: "tick" });
  }

  /** The process ends and another begins: what was in flight is forgotten. */
  restart(): void {
    this.pending.length = 0;
    const resumed = resumeController(controllerText(this.controller));
    if (!resumed.ok) throw new Error(JSON.stringify(resumed.error));
    this.controller = resumed.value;
  }

  want(value: number): void {
    this.do({ kind: "want", value });
  }

  release(): void {
    this.do({ kind: "release", why: "shutdown" });
  }

  get codes(): string[] {
    return this.events.map(({ code }) => code);
  }

  get written(): number[] {
    return this.device.writes.map(({ value }) => value);
  }
}

/** A rig over a device that holds `value`. */
export function rig(rules: ControlRules, value: number, options: Partial<SafeWriteOptions> = {}): ControlRig {
  return new ControlRig(rules, new SimulatedDevice(rules, value), options);
}
