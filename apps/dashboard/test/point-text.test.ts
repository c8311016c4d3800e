import { expect, test } from "@jest/globals";
import { pointLabel, pointText } from "../src/point-text.ts";

test.each([
  ["power_w", -3_412, "−3.412 kW out"],
  ["power_w", 640, "0.640 kW in"],
  ["power_w", 0, "0.000 kW"],
  ["imported_wh", 12_204_550, "12\u202f204.550 kWh"],
  ["voltage_mv", 231_400, "231.4 V"],
  ["current_ma", 5_005, "5.005 A"],
  ["frequency_mhz", 50_010, "50.01 Hz"],
  ["state_of_charge_ppm", 625_000, "62.5 %"],
  ["something_else", 7, "7"],
])("%s of %i is %s", (point, value, text) => {
  expect(pointText(point, value, null)).toBe(text);
});

test("what is missing says why, and is no zero", () => {
  expect(pointText("power_w", null, "device-silent")).toBe("missing: the device does not answer");
  expect(pointText("power_w", null, "not-provided")).toBe("not provided");
  expect(pointLabel("power_w")).toBe("Power");
  expect(pointLabel("something_else")).toBe("something_else");
});
