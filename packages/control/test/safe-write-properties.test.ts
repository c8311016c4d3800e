/** Whatever happens, in whatever order: what a controller must never do. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY } from "@micromarket/kernel";
import { isLooser, type ControlAction, type ControlRules } from "@micromarket/control";
import { ControlRig, LIMIT_RULES, SETPOINT_RULES } from "./control-rig.ts";
import { SimulatedDevice, type Fault } from "./simulated-device.ts";

type Happening =
  | { kind: "want"; value: number }
  | { kind: "release" }
  | { kind: "stop" }
  | { kind: "reset" }
  | { kind: "lock"; isOpen: boolean }
  | { kind: "carry-out"; fault: Fault }
  | { kind: "pass"; ms: number }
  | { kind: "foreign"; value: number }
  | { kind: "device"; isPresent: boolean }
  | { kind: "restart" };

const fault = fc.constantFrom<Fault>("none", "none", "none", "none", "lost-reply", "lost-request", "refused", "silent");
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("want" as const), value: fc.integer({ min: -6_000, max: 12_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "release" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "stop" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reset" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lock" as const), isOpen: fc.boolean() }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("carry-out" as const), fault }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 1_000, 5_000, 30_000, 100_000, 1_000_000),
    }),
  },
  // odd values, so that somebody else's is never within the tolerance of one of ours
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("foreign" as const),
      value: fc.integer({ min: 1, max: 98 }).map((n) => n * 100 + 37),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("device" as const), isPresent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);
const happenings = fc.array(happening, { minLength: 1, maxLength: 60, size: "max" });

const BUDGET = 5;
const ruleSets: readonly ControlRules[] = [
  { ...LIMIT_RULES, writesPerDayMax: BUDGET },
  { ...LIMIT_RULES, writesPerDayMax: BUDGET, reversion: { kind: "none" }, release: { mode: "value", value: 10_000 } },
  { ...SETPOINT_RULES, writesPerDayMax: BUDGET, forbid: [0] },
];

/** Watches every action that is carried out. */
class Watched {
  readonly rig: ControlRig;
  readonly ordinaryWrites = new Map<number, number>();
  /** What somebody else had set when the device was last read. */
  private foreignWhenRead: number | null = null;
  private hasReadSince = false;
  private carriedOut = 0;

  constructor(rules: ControlRules, emergencyValue: number | null) {
    this.rig = new ControlRig(rules, new SimulatedDevice(rules, 8_037), { emergencyValue });
  }

  happen(it: Happening): void {
    const { rig } = this;
    switch (it.kind) {
      case "want":
        return rig.step(it);
      case "release":
        return rig.step({ kind: "release", why: "shutdown" });
      case "stop":
        return rig.step({ kind: "emergency-stop", why: "button" });
      case "reset":
        return rig.step({ kind: "emergency-reset" });
      case "lock":
        rig.isUnlocked = it.isOpen;
        return rig.step({ kind: "tick" });
      case "carry-out":
        return this.carryOut(it.fault);
      case "pass":
        rig.at += it.ms;
        rig.device.moveTo(rig.at);
        return rig.step({ kind: "tick" });
      case "foreign":
        // between a reading and the write that follows it nobody can see another's: that race no reader can win
        if (rig.pending.some(({ kind }) => kind !== "read")) return;
        return rig.device.writeForeign(it.value);
      case "device":
        if (!it.isPresent) rig.pending.length = 0;
        return rig.step(it);
      case "restart":
        return rig.restart();
    }
  }

  carryOut(fault_: Fault): void {
    this.carriedOut += 1;
    expect(this.carriedOut).toBeLessThan(2_000); // nothing is asked over and over without time passing
    const [action] = this.rig.pending;
    if (action === undefined) return;
    if (action.kind === "read") this.read(fault_);
    else this.hold(action);
    this.rig.faults = [fault_];
    this.rig.carryOutNext();
  }

  private read(fault_: Fault): void {
    this.hasReadSince = fault_ === "none" || this.hasReadSince;
    if (fault_ === "none") this.foreignWhenRead = this.rig.device.foreign.value;
  }

  private hold(action: Exclude<ControlAction, { kind: "read" }>): void {
    const { rules, controller } = this.rig;
    expect(this.hasReadSince).toBe(true);
    this.hasReadSince = false;
    if (action.kind === "restore") return;
    const { range, forbid, capability } = rules;
    expect(action.value >= range.min && action.value <= range.max).toBe(true);
    expect(Math.abs(action.value - range.min) % range.step).toBe(0);
    expect(forbid).not.toContain(action.value);
    const foreign = this.foreignWhenRead ?? 0;
    expect(isLooser(capability, action.value, foreign)).toBe(false);
    if (action.terms.fallback !== null) expect(isLooser(capability, action.terms.fallback, foreign)).toBe(false);
    const { phase } = controller;
    if (phase.kind !== "writing" || phase.purpose !== "hold") return;
    const dayMs: number = DAY;
    const day = Math.floor(this.rig.at / dayMs);
    this.ordinaryWrites.set(day, (this.ordinaryWrites.get(day) ?? 0) + 1);
  }

  /** Nobody interferes any more, and all replies come. */
  comeToRest(): void {
    const { rig } = this;
    rig.isUnlocked = true;
    rig.step({ kind: "device", isPresent: true });
    for (let round = 0; round < 100; round += 1) {
      while (rig.pending.length > 0) this.carryOut("none");
      rig.at += 10_000;
      rig.device.moveTo(rig.at);
      rig.step({ kind: "tick" });
    }
    while (rig.pending.length > 0) this.carryOut("none");
  }
}

const world = fc.record({
  rules: fc.constantFrom(...ruleSets),
  emergencyValue: fc.constantFrom(null, 0, 500),
  happenings,
});

describe("a controller, whatever happens", () => {
  test("writes after a reading, in range, unforbidden, no looser than somebody else, within its budget", () => {
    fc.assert(
      fc.property(world, ({ rules, emergencyValue, happenings: list }) => {
        const watched = new Watched(rules, emergencyValue);
        for (const it of list) watched.happen(it);
        watched.comeToRest();
        for (const count of watched.ordinaryWrites.values()) expect(count).toBeLessThanOrEqual(BUDGET);
      }),
      { numRuns: 300 },
    );
  });

  test("makes no write while a lock is closed", () => {
    fc.assert(
      fc.property(world, ({ rules, emergencyValue, happenings: list }) => {
        const watched = new Watched(rules, emergencyValue);
        for (const it of list) {
          const before = watched.rig.pending.length;
          watched.happen(it);
          const made = it.kind === "carry-out" ? watched.rig.pending : watched.rig.pending.slice(before);
          if (!watched.rig.isUnlocked && watched.rig.pending.length >= before) {
            expect(made.slice(it.kind === "carry-out" ? before - 1 : 0).every(({ kind }) => kind === "read")).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("gives back what was found, or leaves what somebody else put there", () => {
    fc.assert(
      fc.property(world, ({ rules, happenings: list }) => {
        const watched = new Watched(rules, null);
        for (const it of list) watched.happen(it);
        watched.happen({ kind: "reset" });
        watched.happen({ kind: "release" });
        watched.comeToRest();
        const { rig } = watched;
        expect(rig.controller.hold).toBeNull();
        // of two strangers' values that came while ours was on its way the earlier may stay, but none of ours
        const others = [8_037, ...list.flatMap((it) => (it.kind === "foreign" ? [it.value] : []))];
        if (rules.release.mode === "restore") expect(others).toContain(rig.device.stored.value);
        expect(isLooser(rules.capability, rig.device.stored.value, rig.device.foreign.value)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("an emergency stop reaches the device from every state", () => {
    fc.assert(
      fc.property(world, ({ rules, happenings: list }) => {
        const watched = new Watched(rules, 500);
        for (const it of list) watched.happen(it);
        watched.happen({ kind: "stop" });
        watched.comeToRest();
        const { value } = watched.rig.device.stored;
        const foreign = watched.rig.device.foreign.value;
        // a limit that is lifted while ours is on its way may go on to bind
        const others = [foreign, ...list.flatMap((it) => (it.kind === "foreign" ? [it.value] : []))];
        const isLimited = others.some((other) => isLooser(rules.capability, 500, other));
        if (!isLimited) expect(value).toBe(500);
        else expect(isLooser(rules.capability, value, Math.min(500, foreign))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("a gateway that ends at any point leaves a device that its timer takes back", () => {
    fc.assert(
      fc.property(world, ({ happenings: list }) => {
        const watched = new Watched({ ...LIMIT_RULES, writesPerDayMax: BUDGET }, null);
        for (const it of list) watched.happen(it);
        const { device, at } = watched.rig;
        device.moveTo(at + 90_000);
        expect(isLooser("limit_generation_w", device.stored.value, device.foreign.value)).toBe(false);
        const last = device.writes.at(-1);
        const others = [8_037, ...list.flatMap((it) => (it.kind === "foreign" ? [it.value] : []))];
        if (last?.kind === "write") expect(others).toContain(device.stored.value);
      }),
      { numRuns: 300 },
    );
  });
});
