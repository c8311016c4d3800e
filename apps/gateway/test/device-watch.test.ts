import { describe, expect, test } from "@jest/globals";
import type { DeviceReadings } from "@micromarket/assets";
import { instantMs, measured, missing, type Measurement } from "@micromarket/kernel";
import { modbusTrouble, mqttTrouble } from "../src/device-trouble.ts";
import { DeviceWatch } from "../src/device-watch.ts";

const trouble = { what: "unit 7 does not answer", mend: "check modbus.unit" };

function reading(device: string, value: Measurement<number>): DeviceReadings {
  return { device, readings: [{ point: "imported_wh", value, at: instantMs(0) }] };
}

/** A watch, what it has logged, and its timer. */
function watched(graceMs = 0) {
  const lines: string[] = [];
  const say = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const timer = { ms: 0 };
  const log = { info: say, warn: say, error: say };
  return { lines, timer, watch: new DeviceWatch({ log, elapsedMs: () => timer.ms, graceMs: () => graceMs }) };
}

describe("a device", () => {
  test("that fails twice is no trouble; from the third time on it is, said once, until it counts again", () => {
    const { lines, watch } = watched();
    const silent = reading("grid", missing("device-silent"));
    for (let poll = 0; poll < 2; poll++) watch.note(silent, trouble);
    expect([watch.check().status, lines]).toEqual(["pass", []]);
    for (let poll = 0; poll < 5; poll++) watch.note(silent, trouble);
    expect(watch.check()).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("grid: unit 7 does not answer; check"),
    });
    expect(lines).toHaveLength(1);
    watch.note(reading("grid", measured(5)), null);
    expect([watch.check().status, lines.length]).toEqual(["pass", 2]);
  });

  test("whose counter stands at 0, where it may be none, is no trouble: what there is to doubt its counters say", () => {
    const { lines, watch } = watched();
    const facts = { resolutionWh: 1, widthBits: 32, wrapsAtWh: null, resets: "unknown", balance: "unknown" } as const;
    const readings = [
      { point: "imported_wh", value: measured(5), at: instantMs(0) },
      { point: "exported_wh", value: missing("not-reported"), at: instantMs(0) },
    ] as const;
    const said = { device: "grid", readings };
    for (let poll = 0; poll < 5; poll++) watch.note({ ...said, zeros: new Map([["exported_wh", facts]]) }, null);
    expect([watch.check().status, lines]).toEqual(["pass", []]);
    for (let poll = 0; poll < 5; poll++) watch.note(said, null);
    expect(watch.check().detail).toContain("exported_wh is missing: not-reported");
  });

  test("may take its time for its first word, and not later", () => {
    const { timer, watch } = watched(1_000);
    const say = (value: Measurement<number>): string => {
      for (let poll = 0; poll < 4; poll++) watch.note(reading("grid", value), null);
      return watch.check().status;
    };
    expect(say(missing("device-silent"))).toBe("pass");
    timer.ms = 1_000;
    expect(say(missing("device-silent"))).toBe("warn");
    expect(say(measured(1))).toBe("pass");
    expect(say(missing("stale"))).toBe("warn");
  });

  test("that answers nonsense is named by what is missing", () => {
    const { watch } = watched();
    for (let poll = 0; poll < 3; poll++) watch.note(reading("grid", missing("out-of-range")), trouble);
    expect(watch.check().detail).toContain("imported_wh is missing: out-of-range; look at the device's display");
  });
});

describe("what a device has no place for", () => {
  const both = (imported: Measurement<number>, exported: Measurement<number>): DeviceReadings => ({
    device: "plant",
    readings: [
      { point: "imported_wh", value: imported, at: instantMs(0) },
      { point: "exported_wh", value: exported, at: instantMs(0) },
    ],
  });
  const none = missing("not-provided");
  test.each([
    ["one counter is enough", both(none, measured(5)), true, "pass"],
    ["the other one is missing as ever", both(none, missing("not-reported")), true, "warn"],
    ["a meter without any counts nothing", both(none, none), true, "warn"],
    ["a battery that nobody counts by needs none", both(none, none), false, "pass"],
    ["nor may it miss one that it has", both(none, missing("stale")), false, "warn"],
  ])("%s", (_, readings, isCounted, status) => {
    const watch = new DeviceWatch({
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      ...{ elapsedMs: () => 0, graceMs: () => 0, isCounted: () => isCounted },
    });
    for (let poll = 0; poll < 3; poll++) watch.note(readings, null);
    expect(watch.check().status).toBe(status);
  });
});

test("the health names three, and counts the rest", () => {
  const { watch } = watched();
  for (const device of ["a", "b", "c", "d", "e"]) {
    for (let poll = 0; poll < 3; poll++) watch.note(reading(device, missing("device-silent")), trouble);
  }
  expect(watch.check().detail).toMatch(/^5 of 5 devices do not count\. a: .*b: .*c: .*2 more: see the log$/);
});

test.each([
  [{ code: "TIMEOUT" }, /unit 3 does not answer/],
  [{ code: "OFFLINE", cause: { code: "CONNECT_FAILED", detail: "ECONNREFUSED" } }, /no connection: ECONNREFUSED/],
  [{ code: "CONNECTION_LOST", detail: "reset" }, /cut: reset/],
  [{ code: "EXCEPTION", exception: 11 }, /unit 3 is not there/],
  [{ code: "EXCEPTION", exception: 2 }, /lacks a register/],
  [{ code: "EXCEPTION", exception: 1 }, /refuses the question/],
  [
    { code: "ANOTHER_DEVICE", detail: "the model: register 11 holds 71" },
    /another device: the model: register 11 holds 71/,
  ],
] as const)("modbus: %j", (failure, what) => {
  const found = modbusTrouble(failure, 3);
  expect(found.what).toMatch(what);
  expect(found.mend).toMatch(/^check/);
});

test.each([
  ["waiting", "ECONNREFUSED", [], /no connection to the broker: ECONNREFUSED/],
  ["connected", null, ["a/b"], /refuses the subscription/],
  ["connected", null, [], /publishes nothing/],
] as const)("mqtt: %s %s %j", (state, lastFailure, refusedFilters, what) => {
  const status = { state, lastFailure, refusedFilters, since: instantMs(0), retryInMs: null, protocol: "5" } as const;
  expect(mqttTrouble(status).what).toMatch(what);
});
