import { describe, expect, test } from "@jest/globals";
import type { ControlRules } from "@micromarket/control";
import { LIMIT_RULES, rig, SETPOINT_RULES } from "./control-rig.ts";

const HOLD_LIMIT: ControlRules = { ...LIMIT_RULES, reversion: { kind: "none" } };

describe("emergency stop", () => {
  test("writes its value without a market, is latched, and needs a new wish after its reset", () => {
    const it = rig(SETPOINT_RULES, 2_500, { emergencyValue: 0 });
    it.do({ kind: "emergency-stop", why: "button" });
    expect([it.codes, it.device.stored.value]).toEqual([["EMERGENCY_STOPPED", "TAKEN", "VERIFIED"], 0]);
    it.want(1_000);
    it.restart();
    it.pass(60_000);
    expect([it.codes.at(-1), it.device.stored.value]).toEqual(["STOPPED", 0]);
    it.do({ kind: "emergency-reset" });
    expect(it.device.stored.value).toBe(2_500);
    it.pass(60_000);
    it.want(1_000);
    expect(it.device.stored.value).toBe(1_000);
  });

  test("takes a device back from somebody else, under a limit of his", () => {
    const it = rig(HOLD_LIMIT, 10_000, { emergencyValue: 1_000 });
    it.want(5_000);
    it.device.writeForeign(500);
    it.do({ kind: "emergency-stop", why: "fire" });
    expect(it.device.stored.value).toBe(500);
    it.device.writeForeign(9_000);
    it.pass(60_000);
    expect(it.device.stored.value).toBe(1_000);
  });

  test("without a value of its own it gives the device back", () => {
    const it = rig(SETPOINT_RULES, 2_500);
    it.want(1_000);
    it.do({ kind: "emergency-stop", why: "button" });
    expect([it.codes.at(-1), it.device.stored.value]).toEqual(["RELEASED", 2_500]);
  });
});
