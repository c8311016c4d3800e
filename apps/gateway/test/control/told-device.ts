/** A device in memory that obeys, with its runner on a clock that a test moves. */
import type { Capability, ControlEvent, ControlRules, ControlState } from "@micromarket/control";
import { SAFE_WRITE_DEFAULTS } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { instantMs, ok } from "@micromarket/kernel";
import type { ControlMemory } from "../../src/control/control-memory.ts";
import { ControlRunner } from "../../src/control/control-runner.ts";

export function rulesOf(capability: Capability, range = { min: -20_000, max: 20_000, step: 1 }): ControlRules {
  return {
    ...{ capability, range, forbid: [], deadband: 1, minIntervalMs: 0, persistence: "volatile", writesPerDayMax: null },
    ...{ verify: { tolerance: 0, withinMs: 1_000 }, effect: null, reversion: { kind: "none" } },
    ...{ release: { mode: "restore" }, onGatewayLoss: "hold" },
  };
}

/** Keeps texts for as long as it is not `isFull`. */
export interface TestMemory extends ControlMemory {
  isFull: boolean;
}

export function memoryOf(texts = new Map<string, string>()): TestMemory {
  return {
    isFull: false,
    recall: (path) => texts.get(path) ?? null,
    keep(path, text) {
      if (this.isFull) throw new Error("ENOSPC");
      texts.set(path, text);
    },
  };
}

/** What the device holds and what was sent to it. */
export interface Told {
  value: number;
  isActive: boolean;
  readonly sent: (number | "restored")[];
  readonly events: ControlEvent[];
  isUnlocked: boolean;
  readonly control: Control;
}

export function toldDevice(rules: ControlRules, found = 0): Told {
  const told: Told = {
    ...{ value: found, isActive: false, sent: [], events: [], isUnlocked: true },
    control: {
      rules,
      read: () => {
        const snapshot = JSON.stringify([told.value, told.isActive]);
        const state: ControlState = {
          ...{ value: told.value, isActive: told.isActive, revertsInMs: null, objections: [], snapshot },
        };
        return Promise.resolve(ok(state));
      },
      write: (value) => {
        [told.value, told.isActive] = [value, true];
        told.sent.push(value);
        return Promise.resolve(ok(null));
      },
      restore: (snapshot) => {
        [told.value, told.isActive] = JSON.parse(snapshot) as [number, boolean];
        told.sent.push("restored");
        return Promise.resolve(ok(null));
      },
    },
  };
  return told;
}

/** A clock whose timers fire when it is moved. */
export class TestTime {
  ms = 1_000_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly action: () => void }>();

  readonly after = (delayMs: number, action: () => void): (() => void) => {
    const timer = { atMs: this.ms + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass, and all that it sets off. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.ms = Math.max(this.ms, next.atMs);
      next.action();
      await settle();
    }
    this.ms = end;
  }
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

export function runnerOf(told: Told, memory: ControlMemory, time: TestTime, path = "device"): ControlRunner {
  return new ControlRunner({
    ...{ control: told.control, path, memory, after: time.after },
    options: () => SAFE_WRITE_DEFAULTS,
    now: () => instantMs(time.ms),
    isUnlocked: () => told.isUnlocked,
    tell: (event) => told.events.push(event),
  });
}
