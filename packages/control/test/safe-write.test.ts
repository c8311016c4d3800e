import { describe, expect, test } from "@jest/globals";
import { instantMs, measured, missing } from "@micromarket/kernel";
import type { ControlRules } from "@micromarket/control";
import { LIMIT_RULES, rig, SETPOINT_RULES, MIDNIGHT } from "./control-rig.ts";

const HOLD_LIMIT: ControlRules = { ...LIMIT_RULES, reversion: { kind: "none" } };

describe("taking control", () => {
  test("reads, keeps what it found, writes, reads back", () => {
    const it = rig(SETPOINT_RULES, 120);
    it.want(2_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFIED"]);
    expect(it.device.stored.value).toBe(2_000);
    expect(it.controller.hold).toMatchObject({ foundValue: 120, bound: null, held: 2_000, sent: null });
  });

  test("a limit of somebody else is never loosened", () => {
    const it = rig(LIMIT_RULES, 7_000);
    it.want(9_000);
    expect(it.codes).toEqual(["TAKEN", "FOREIGN_LIMIT_KEPT", "VERIFIED"]);
    expect(it.written).toEqual([7_000]);
    it.pass(15_000);
    it.want(3_000);
    it.want(8_000);
    it.pass(10_000);
    expect(it.written).toEqual([7_000, 3_000, 7_000]);
  });

  test("a limit that is not in force binds nobody", () => {
    const it = rig(LIMIT_RULES, 7_000);
    it.device.stored = { value: 7_000, isActive: false };
    it.want(9_000);
    expect(it.written).toEqual([9_000]);
    it.release();
    expect(it.device.stored).toEqual({ value: 7_000, isActive: false });
  });

  test("what falls back falls back to the limit that was found", () => {
    const it = rig(LIMIT_RULES, 7_000);
    it.want(3_000);
    it.device.moveTo(it.at + 90_000);
    expect(it.device.stored.value).toBe(7_000);
  });

  test("a value that is there already, and stays, is not written", () => {
    const it = rig(SETPOINT_RULES, 500);
    it.want(500);
    it.release();
    expect(it.codes).toEqual(["TAKEN", "RELEASED"]);
    expect(it.written).toEqual([]);
  });

  test("objections are respected, told once, and looked at again", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.device.objections = ["the device is under local control"];
    it.want(500);
    it.pass(60_000);
    expect(it.codes).toEqual(["OBJECTED"]);
    it.device.objections = [];
    it.pass(90_000);
    expect(it.device.stored.value).toBe(500);
  });

  test("a device that does not say what it holds is not written to", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.device.isReadable = false;
    it.want(500);
    it.pass(60_000);
    expect([it.codes, it.written]).toEqual([["VALUE_UNKNOWN"], []]);
  });

  test("a forbidden value under a bound that leaves no other is refused", () => {
    const it = rig(LIMIT_RULES, 0);
    it.want(500);
    expect([it.codes, it.written]).toEqual([["NO_VALUE_ALLOWED"], []]);
  });

  test.each([Number.NaN, 1.5, Infinity])("%p is refused and changes nothing", (value) => {
    const it = rig(SETPOINT_RULES, 0);
    it.want(500);
    it.want(value);
    expect(it.codes.at(-1)).toBe("VALUE_REFUSED");
    expect(it.controller.wanted).toBe(500);
  });
});

describe("a change inside the dead-band", () => {
  test.each([
    ["a stop", 40, 0, 0],
    ["a stop of a discharge", -40, 0, 0],
    ["a turn to discharge", 20, -20, -20],
    ["a turn to charge", -20, 20, 20],
    ["a little more", 20, 40, 20],
    ["a little less", 40, 20, 40],
    ["a small start", 0, 40, 0],
  ])("%s: from %p to %p leaves %p", (_, held, wish, left) => {
    const it = rig(SETPOINT_RULES, 2_000);
    it.want(held);
    it.want(wish);
    it.pass(15_000);
    expect(it.device.stored.value).toBe(left);
  });

  test("a release is written whatever its width", () => {
    const rules = { ...SETPOINT_RULES, deadband: 5_000 };
    const it = rig(rules, 120);
    it.want(150);
    it.release();
    expect(it.written).toEqual([150, 120]);
  });
});

describe("locks", () => {
  test("a closed lock lets nothing out, and is told once", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.isUnlocked = false;
    it.want(500);
    it.pass(60_000);
    expect([it.codes, it.written, it.pending]).toEqual([["LOCKED"], [], []]);
  });

  test("a lock that closes between the reading and the write keeps the write", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.step({ kind: "want", value: 500 });
    it.isUnlocked = false;
    it.settle();
    expect([it.codes, it.written]).toEqual([["LOCKED"], []]);
    it.isUnlocked = true;
    it.pass(1);
    expect(it.written).toEqual([500]);
  });
});

describe("keeping up", () => {
  test("a smaller change is not written, a larger one waits for the interval", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.want(1_000);
    it.pass(2_000);
    it.want(1_040);
    it.want(2_000);
    expect(it.written).toEqual([1_000]);
    it.pass(7_999);
    expect(it.written).toEqual([1_000]);
    it.pass(1);
    expect(it.written).toEqual([1_000, 2_000]);
  });

  test("a timer is restarted before a third of it is over, after a reading", () => {
    const it = rig(LIMIT_RULES, 10_000);
    it.want(4_000);
    it.pass(95_000);
    expect(it.device.writes.map(({ at }) => at - MIDNIGHT - 3_600_000)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(it.device.stored.value).toBe(4_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFIED"]);
  });

  test("a refresh that falls due while a change awaits its interval repeats what is held", () => {
    const it = rig({ ...LIMIT_RULES, minIntervalMs: 60_000 }, 10_000);
    it.want(4_000);
    it.pass(20_000);
    it.want(6_000);
    it.pass(15_000);
    expect(it.written).toEqual([4_000, 4_000]);
  });

  test("the day's writes, refreshes too, end the hold; a release is not refused; the next day begins anew", () => {
    const it = rig({ ...LIMIT_RULES, writesPerDayMax: 3 }, 8_000);
    it.want(4_000);
    it.pass(600_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFIED", "BUDGET_EXHAUSTED", "RELEASED"]);
    expect(it.device.writes.map(({ kind }) => kind)).toEqual(["write", "write", "write", "restore"]);
    expect(it.device.stored.value).toBe(8_000);
    it.pass(24 * 3_600_000 - 4_200_000);
    expect(it.codes.slice(4)).toEqual(["TAKEN", "VERIFIED"]);
  });

  test("no budget, no emergency held up", () => {
    const it = rig({ ...SETPOINT_RULES, writesPerDayMax: 1 }, 3_000, { emergencyValue: 0 });
    it.want(1_000);
    it.do({ kind: "emergency-stop", why: "button" });
    expect(it.device.stored.value).toBe(0);
  });
});

describe("verifying", () => {
  test("a device that makes another value of it twice is given back", () => {
    const it = rig(SETPOINT_RULES, 30);
    it.device.bend = (value) => (value > 1_000 ? 1_000 : value);
    it.want(2_000);
    it.pass(60_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFY_FAILED", "RELEASED"]);
    expect(it.written).toEqual([2_000, 2_000, 30]);
  });

  test("a stricter limit that shows up in place of ours is somebody's", () => {
    const it = rig(HOLD_LIMIT, 10_000);
    it.device.bend = () => 2_000;
    it.want(5_000);
    it.pass(60_000);
    expect([it.codes, it.written]).toEqual([["TAKEN", "FOREIGN_CHANGE"], [5_000]]);
  });

  test("a lost reply is followed by a reading, not by a write", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.faults = ["none", "lost-reply"];
    it.want(700);
    expect([it.codes, it.written]).toEqual([["TAKEN", "WRITE_UNKNOWN", "VERIFIED"], [700]]);
  });

  test("a lost request is read and written again", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.faults = ["none", "lost-request"];
    it.want(700);
    expect([it.codes, it.written]).toEqual([["TAKEN", "WRITE_UNKNOWN", "VERIFIED"], [700]]);
  });

  test("a device that does nothing three times is left alone", () => {
    const it = rig(SETPOINT_RULES, 0, { backOffMs: 3_600_000 });
    it.faults = ["none", "refused", "none", "refused", "none", "refused"];
    it.want(700);
    it.pass(300_000);
    expect(it.codes).toEqual([
      "TAKEN",
      "WRITE_NOT_DONE",
      "WRITE_NOT_DONE",
      "WRITE_NOT_DONE",
      "WRITE_FAILED",
      "RELEASED",
    ]);
    expect(it.written).toEqual([]);
  });

  test("a device that cannot be read is asked again", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.faults = ["silent", "silent"];
    it.want(700);
    it.pass(30_000);
    expect(it.codes).toEqual(["READ_FAILED", "TAKEN", "VERIFIED"]);
  });

  test.each(["LOCKED", "UNSUPPORTED", "VALUE_REFUSED"] as const)("the link's %s is told by its name", (code) => {
    const it = rig(SETPOINT_RULES, 0);
    it.step({ kind: "want", value: 700 });
    it.carryOutNext();
    const [action] = it.pending.splice(0);
    it.do({ kind: "written", token: action?.token ?? 0, result: { ok: false, error: { code, detail: "link" } } });
    expect(it.codes).toEqual(["TAKEN", code]);
  });
});

describe("somebody else", () => {
  test("changes the value: we back off, and take control again under the new limit", () => {
    const it = rig(LIMIT_RULES, 10_000);
    it.want(5_000);
    it.pass(1_000);
    it.device.writeForeign(3_000);
    it.pass(30_000);
    expect(it.codes.at(-1)).toBe("FOREIGN_CHANGE");
    expect(it.controller.hold).toBeNull();
    it.pass(900_000);
    expect(it.codes.slice(-3)).toEqual(["TAKEN", "FOREIGN_LIMIT_KEPT", "VERIFIED"]);
    expect(it.device.stored.value).toBe(3_000);
    it.release();
    expect(it.device.stored.value).toBe(3_000);
  });

  test("who insists keeps the device until tomorrow", () => {
    const it = rig(SETPOINT_RULES, 0, { takeOversMax: 1 });
    it.want(700);
    for (const value of [100, 300, 500]) {
      it.device.writeForeign(value);
      it.pass(1_800_000);
    }
    expect(it.codes.filter((code) => code === "TAKEN")).toHaveLength(2);
    expect(it.codes.at(-1)).toBe("FOREIGN_HELD");
    expect(it.device.stored.value).toBe(500);
  });

  test("a timer that ends too early is not fought", () => {
    const it = rig(LIMIT_RULES, 8_000);
    it.want(5_000);
    it.pass(1_000);
    it.device.moveTo(it.at + 90_000);
    it.pass(60_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFIED", "FOREIGN_CHANGE", "RELEASED"]);
    expect(it.device.stored.value).toBe(8_000);
  });

  test("a value that somebody else put there is not released away", () => {
    const it = rig(SETPOINT_RULES, 0);
    it.want(700);
    it.device.writeForeign(250);
    it.release();
    expect(it.codes.at(-1)).toBe("FOREIGN_CHANGE");
    expect(it.device.stored.value).toBe(250);
  });
});

describe("giving back", () => {
  test("what was found is put back and read back", () => {
    const it = rig(SETPOINT_RULES, 120);
    it.want(700);
    it.release();
    expect(it.device.writes.at(-1)).toMatchObject({ kind: "restore", value: 120 });
    expect([it.codes.at(-1), it.controller.hold, it.wakeAt]).toEqual(["RELEASED", null, null]);
  });

  test("a profile's release value, under the limit that was found", () => {
    const it = rig({ ...HOLD_LIMIT, release: { mode: "value", value: 10_000 } }, 7_000);
    it.want(3_000);
    it.release();
    expect([it.written, it.codes.at(-1)]).toEqual([[3_000, 7_000], "RELEASED"]);
  });

  test("a release whose reply is lost is looked after until it is there", () => {
    const it = rig(SETPOINT_RULES, 120);
    it.want(700);
    it.faults = ["none", "lost-request", "none", "lost-reply"];
    it.release();
    it.pass(60_000);
    expect(it.codes.slice(2)).toEqual(["RELEASE_FAILED", "RELEASED"]);
    expect(it.device.stored.value).toBe(120);
  });
});

describe("silence and restarts", () => {
  test("a device that comes back is read before it is written to", () => {
    const it = rig(LIMIT_RULES, 10_000);
    it.want(4_000);
    it.do({ kind: "device", isPresent: false });
    it.pass(200_000);
    expect([it.written, it.device.stored.value]).toEqual([[4_000], 10_000]);
    it.step({ kind: "device", isPresent: true });
    expect(it.pending.map(({ kind }) => kind)).toEqual(["read"]);
    it.settle();
    expect([it.codes.at(-1), it.device.stored.value]).toEqual(["REVERTED", 4_000]);
  });

  test("a resumed controller knows its own value from somebody else's limit", () => {
    const it = rig(LIMIT_RULES, 8_000);
    it.want(4_000);
    it.restart();
    it.want(6_000);
    it.pass(20_000);
    expect(it.device.stored.value).toBe(6_000);
    it.release();
    expect(it.device.stored.value).toBe(8_000);
  });

  test("a write that was in flight at the end is known at the beginning", () => {
    const it = rig(SETPOINT_RULES, 120);
    it.step({ kind: "want", value: 700 });
    it.carryOutNext();
    const [write] = it.pending;
    if (write !== undefined) it.device.carryOut(write, it.at, "lost-reply");
    it.restart();
    it.release();
    expect(it.device.stored.value).toBe(120);
  });
});

describe("effect", () => {
  const rules: ControlRules = { ...SETPOINT_RULES, effect: { point: "power_w", tolerance: 100, withinMs: 60_000 } };
  const seen = (at: number, watts: number | null) => ({
    kind: "measured" as const,
    reading: {
      point: "power_w" as const,
      value: watts === null ? missing("stale") : measured(watts),
      at: instantMs(at),
    },
  });

  test("what is seen in time is not spoken of", () => {
    const it = rig(rules, 0);
    it.want(2_000);
    it.do(seen(it.at + 1_000, 1_950));
    it.pass(300_000);
    expect(it.codes).toEqual(["TAKEN", "VERIFIED"]);
  });

  test("what is missing is told and stays; missing for long it is given back", () => {
    const it = rig(rules, 0, { effectMissesMax: 3 });
    it.want(2_000);
    it.do(seen(it.at, 300));
    it.do(seen(it.at, null));
    it.pass(61_000);
    expect([it.codes.at(-1), it.device.stored.value]).toEqual(["EFFECT_MISSING", 2_000]);
    it.pass(121_000);
    expect(it.codes.slice(2)).toEqual([
      "EFFECT_MISSING",
      "EFFECT_MISSING",
      "EFFECT_MISSING",
      "EFFECT_GIVEN_UP",
      "RELEASED",
    ]);
    expect(it.device.stored.value).toBe(0);
  });
});
