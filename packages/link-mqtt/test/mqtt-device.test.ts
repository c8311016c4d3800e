import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { durationMs, measured, missing, type Measurement } from "@micromarket/kernel";
import { MqttDevice } from "@micromarket/link-mqtt";
import { createVirtualClock } from "@micromarket/testkit";
import { message, NOON, profileNamed, secondsAfterNoon } from "./message.ts";
import { JSON_POWER, profileOf } from "./profile-of.ts";

const power = profileOf(JSON_POWER);
const noonS = Number(NOON) / 1_000;

function deviceAtNoon() {
  const clock = createVirtualClock(NOON);
  const device = new MqttDevice(power, "a", clock.now);
  const value = (): Measurement<number> | undefined => device.readings().readings[0]?.value;
  const wait = (seconds: number): void => {
    clock.advance(durationMs(seconds * 1_000));
  };
  return { clock, device, value, wait };
}

describe("the last reading", () => {
  test("is device-silent before the first, then counts to the end of its age", () => {
    const { device, value, wait } = deviceAtNoon();
    expect(value()).toEqual(missing("device-silent"));
    device.accept(message("a/p", { p: 5 }));
    wait(60);
    expect(value()).toEqual(measured(5));
    wait(0.001);
    expect(value()).toEqual(missing("stale"));
    expect(device.readings()).toEqual({
      device: "a",
      readings: [{ point: "power_w", value: missing("stale"), at: NOON }],
    });
    device.accept(message("a/p", { p: 6 }));
    expect(value()).toEqual(measured(6));
  });

  test("gives way to a newer word, also when that is that there is none", () => {
    const { device, value } = deviceAtNoon();
    device.accept(message("a/p", { p: 5 }));
    device.accept(message("a/p", { p: null }));
    expect(value()).toEqual(missing("not-reported"));
  });

  test("does not give way to an older one, nor to one that the broker had stored", () => {
    const { device, value, wait } = deviceAtNoon();
    wait(30);
    device.accept(message("a/p", { p: 5, ts: noonS + 20 }));
    device.accept(message("a/p", { p: 6, ts: noonS + 10 }));
    device.accept(message("a/p", { p: 7 }, true));
    expect(value()).toEqual(measured(5));
    device.accept(message("a/p", { p: 8, ts: noonS + 25 }, true));
    expect(value()).toEqual(measured(8));
  });

  test("that the broker had stored is stale from the beginning", () => {
    const { device, value } = deviceAtNoon();
    device.accept(message("a/p", { p: 5 }, true));
    expect(value()).toEqual(missing("stale"));
  });

  test("counts no more when the clock is set back", () => {
    const { clock, device, value } = deviceAtNoon();
    device.accept(message("a/p", { p: 5 }));
    clock.set(secondsAfterNoon(-4));
    expect(value()).toEqual(measured(5));
    clock.set(secondsAfterNoon(-3_600));
    expect(value()).toEqual(missing("stale"));
    device.accept(message("a/p", { p: 6 }));
    expect(value()).toEqual(measured(6));
  });

  test("is never older than allowed, whatever comes in whatever order", () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 90 }),
      back: fc.integer({ min: -30, max: 120 }),
      isDated: fc.boolean(),
      retained: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { clock, device, wait } = deviceAtNoon();
        const seen: number[] = [];
        for (const { wait: seconds, back, isDated, retained } of steps) {
          wait(seconds);
          const nowS = Number(clock.now()) / 1_000;
          if (!retained || (isDated && back >= -5)) seen.push(isDated ? Math.min(nowS, nowS - back) : nowS);
          device.accept(message("a/p", isDated ? { p: 1, ts: nowS - back } : { p: 1 }, retained));
          const [reading] = device.readings().readings;
          const isFresh = seen.some((heard) => nowS - heard <= 60);
          expect(reading?.value.kind).toBe(isFresh ? "value" : "missing");
        }
      }),
    );
  });
});

describe("availability", () => {
  test("a device that is said to be gone is silent until it speaks again", () => {
    const clock = createVirtualClock(NOON);
    const device = new MqttDevice(profileNamed("shelly-pro-3em"), "s", clock.now);
    const kinds = () => device.readings().readings.map(({ value }) => value);
    device.accept(message("s/status/em:0", { total_act_power: 5 }));
    expect(device.accept(message("s/online", "false", true))).toBe(true);
    expect(new Set(kinds().map((value) => JSON.stringify(value))).size).toBe(1);
    expect(kinds()[0]).toEqual(missing("device-silent"));
    device.accept(message("s/online", "true", true));
    device.accept(message("s/status/em:0", { total_act_power: 6 }));
    expect(kinds()[0]).toEqual(measured(6));
    expect(device.accept(message("s/online", "perhaps"))).toBe(false);
  });

  test("what is another device's is not taken", () => {
    const device = new MqttDevice(profileNamed("shelly-pro-3em"), "s", () => NOON);
    expect(device.accept(message("t/status/em:0", { total_act_power: 5 }))).toBe(false);
    expect(device.accept(message("t/online", "false"))).toBe(false);
    expect(device.topics()).toEqual(["s/status/em:0", "s/status/emdata:0", "s/online"]);
  });

  test.each(["+", "a/#", "$SYS", ""])("%j is no name of a device", (id) => {
    expect(() => new MqttDevice(power, id, () => NOON)).toThrow("no part of a topic");
  });
});
