import { describe, expect, test } from "@jest/globals";
import { CAPABILITIES } from "@micromarket/control";
import { capabilityLabel, controlText, proveCommand, wattsOf } from "../src/control-text.ts";

describe("values of controls", () => {
  test.each([
    ["limit_generation_w", 4_200, "4.200 kW"],
    ["limit_generation_ppm", 605_000, "60.5 %"],
    ["setpoint_power_w", 1_500, "1.500 kW in"],
    ["setpoint_power_w", -1_500, "\u22121.500 kW out"],
    ["evse_current_ma", 16_000, "16.0 A"],
    ["evse_enable", 0, "not allowed"],
    ["evse_phases", 3, "3"],
    ["switch", 1, "on"],
    ["sg_ready", 3, "recommended on"],
    ["sg_ready", 0, "0"],
    ["heat_setpoint_mc", 48_500, "48.5 °C"],
    ["switch", null, "\u2013"],
    ["of_tomorrow", 7, "7"],
  ])("%s of %s is %s", (capability, value, text) => {
    expect(controlText(capability, value)).toBe(text);
  });

  test("every capability has a name in words", () => {
    expect(CAPABILITIES.filter((each) => capabilityLabel(each) === each)).toEqual([]);
    expect(capabilityLabel("of_tomorrow")).toBe("of_tomorrow");
  });
});

test.each([
  ["4.2", 4_200],
  ["4,2", 4_200],
  [" 11 ", 11_000],
  ["0.001", 1],
  ["0", 0],
  ["", null],
  ["-1", null],
  ["4.2001", null],
  ["1e3", null],
  ["4.2 kW", null],
])("%j in kW is %s W", (text, watts) => {
  expect(wattsOf(text)).toBe(watts);
});

test("the command names the device in a way that a shell leaves alone", () => {
  expect(proveCommand("roof-1")).toBe("micromarket device prove-reversion --config gateway.yaml roof-1");
  expect(proveCommand("o'brien; rm")).toContain(" 'o'\\''brien; rm'");
});
