import { describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { stateOfTimedate, stateOfTracking, type ClockState } from "../src/clock-health.ts";
import type { ClockConfig } from "../src/gateway-config.ts";
import { createSlotClock } from "../src/slot-clock.ts";

const NOON = 1_782_907_200_000;

/** A machine whose clock and timer a test moves. */
function machine() {
  const shown = { wallMs: NOON, elapsedMs: 500 };
  return {
    shown,
    pass: (ms: number): void => {
      shown.wallMs += ms;
      shown.elapsedMs += ms;
    },
    time: {
      wallNow: () => instantMs(shown.wallMs),
      elapsedMs: () => shown.elapsedMs,
      after: () => () => undefined,
    },
  };
}

const healthy: ClockState = { kind: "synchronised", offsetMs: 1 };
const always = (state: ClockState) => ({ check: () => Promise.resolve(state) });

describe("the machine's clock", () => {
  const real: ClockConfig = { kind: "real", trust: "system" };

  test("is not trusted before it was checked", async () => {
    const clock = createSlotClock(real, machine().time, always(healthy), null);
    expect(clock.state().kind).toBe("unsynchronised");
    await clock.check();
    expect(clock.state()).toEqual(healthy);
  });

  test("never goes back, and is not trusted while it waits", async () => {
    const { shown, pass, time } = machine();
    const clock = createSlotClock(real, time, always(healthy), null);
    await clock.check();
    shown.wallMs -= 60_000;
    expect(clock.now()).toBe(NOON);
    expect(clock.state().kind).toBe("unsynchronised");
    await clock.check();
    expect(clock.state().kind).toBe("unsynchronised");
    pass(61_000);
    expect(clock.now()).toBe(NOON + 1_000);
    await clock.check();
    expect(clock.state()).toEqual(healthy);
  });

  test("is not trusted after a leap until the system was asked again", async () => {
    const { shown, time } = machine();
    const clock = createSlotClock(real, time, always(healthy), null);
    await clock.check();
    shown.wallMs += 3_600_000;
    expect([clock.now(), clock.state().kind]).toEqual([NOON, "unsynchronised"]);
    await clock.check();
    expect([clock.now(), clock.state()]).toEqual([NOON + 3_600_000, healthy]);
  });

  test("that leapt and was set back costs no time: the timer counted on", async () => {
    const { shown, pass, time } = machine();
    const clock = createSlotClock(real, time, always(healthy), null);
    await clock.check();
    shown.wallMs += 3_600_000;
    pass(5_000);
    expect(clock.now()).toBe(NOON + 5_000);
    shown.wallMs -= 3_600_000;
    pass(1_000);
    await clock.check();
    expect([clock.now(), clock.state()]).toEqual([NOON + 6_000, healthy]);
  });

  test("of a machine that did not know the time at its start goes back to the right one", async () => {
    const { shown, time } = machine();
    const lost: ClockState = { kind: "unsynchronised", reason: "test" };
    const found: { state: ClockState } = { state: lost };
    const clock = createSlotClock(real, time, { check: () => Promise.resolve(found.state) }, null);
    await clock.check();
    expect(clock.now()).toBe(NOON);
    shown.wallMs -= 999_999_999;
    found.state = healthy;
    await clock.check();
    expect([clock.now(), clock.state()]).toEqual([NOON - 999_999_999, healthy]);
  });

  test.each(["system", "unchecked"] as const)(
    "a journal ahead of it is waited for, and that is said (%s)",
    async (trust) => {
      const { pass, time } = machine();
      const clock = createSlotClock({ kind: "real", trust }, time, always(healthy), instantMs(NOON + 10_000));
      await clock.check();
      expect(clock.now()).toBe(NOON + 10_000);
      expect(clock.state()).toMatchObject({
        kind: "unsynchronised",
        reason: expect.stringMatching(/10000 ms behind.*data:/),
      });
      pass(11_000);
      await clock.check();
      expect([clock.now(), clock.state().kind]).toEqual([NOON + 11_000, "synchronised"]);
    },
  );

  test("drift is no leap", async () => {
    const { shown, pass, time } = machine();
    const clock = createSlotClock({ kind: "real", trust: "unchecked" }, time, always(healthy), null);
    for (let second = 0; second < 100; second++) {
      pass(1_000);
      shown.wallMs += 50;
      clock.now();
    }
    expect(clock.state().kind).toBe("synchronised");
    await clock.check();
  });
});

describe("an accelerated clock", () => {
  const epoch = instantMs(NOON);
  const config: ClockConfig = { kind: "accelerated", speed: 180, epoch, anchor: null };

  test("runs as fast as it is told, whatever becomes of the machine's clock", () => {
    const { shown, pass, time } = machine();
    const clock = createSlotClock(config, time, always(healthy), null);
    pass(5_000);
    shown.wallMs -= 999_999;
    expect(clock.now()).toBe(NOON + 900_000);
    expect(clock.realMsUntil(instantMs(NOON + 1_800_000))).toBe(5_000);
  });

  test("goes on where the journal ends, or where its anchor says", () => {
    const resumed = instantMs(NOON + 7_200_000);
    const { pass, time } = machine();
    expect(createSlotClock(config, time, always(healthy), resumed).now()).toBe(resumed);
    const anchored = createSlotClock({ ...config, anchor: instantMs(NOON - 10_000) }, time, always(healthy), null);
    expect(anchored.now()).toBe(NOON + 1_800_000);
    const late = createSlotClock({ ...config, anchor: instantMs(NOON) }, time, always(healthy), resumed);
    expect([late.now(), late.state().kind]).toEqual([resumed, "unsynchronised"]);
    pass(1_000);
    expect(anchored.marketTimeOf(instantMs(NOON))).toBe(NOON + 1_800_000);
  });
});

test.each<[ClockState["kind"], ClockState]>([
  [
    "synchronised",
    stateOfTracking("C0A80101,192.168.1.1,3,1782907200.1,0.000213,-0.0001,0.0002,1.2,0.1,0.2,0.01,0.02,64.5,Normal\n"),
  ],
  ["unsynchronised", stateOfTracking("7F7F0101,,0,0.0,2.500000,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Normal\n")],
  ["unsynchronised", stateOfTracking("00000000,,0,0.0,0.000000,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n")],
  ["unsynchronised", stateOfTracking("506 Cannot talk to daemon")],
  ["synchronised", stateOfTimedate("yes\n")],
  ["unsynchronised", stateOfTimedate("no\n")],
  ["unsynchronised", stateOfTimedate(null)],
])("the system's word counts as %s", (kind, state) => {
  expect(state.kind).toBe(kind);
});
