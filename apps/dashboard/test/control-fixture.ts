/** Controls of a made-up street, and a desk that tells them and notes what it is asked. */
import { fail, instantMs, ok, watts, type InstantMs, type Result, type Watts } from "@micromarket/kernel";
import type { ControlDesk, ControlView, DeskRefusal, SiteLimitView, StopView } from "@micromarket/api-http";
import { NOW_MS } from "./market-fixture.ts";

const since = instantMs(NOW_MS - 64_000);

export const INVERTER: ControlView = {
  device: "home-8 inverter",
  capability: "limit_generation_w",
  locked: null,
  phase: "holding",
  wanted: 6_000,
  allowed: 4_200,
  reasons: ["home-8 may feed in 4200 W", "steps of 100 W"],
  actual: 4_180,
  foreign: 7_000,
  revertsInMs: 86_000,
  writesToday: 31,
  writesPerDayMax: 200,
  since,
  lastEvent: { code: "VERIFIED", text: "The device holds 4.180 kW", at: since },
};

export const BATTERY: ControlView = {
  ...{ device: "home-4 battery", capability: "setpoint_power_w", phase: "idle", reasons: [], since },
  locked: {
    lock: "device",
    mend: "add setpoint_power_w to `control` of home-4 battery in the gateway's file, then restart",
  },
  ...{ wanted: null, allowed: null, actual: 1_500, foreign: null, revertsInMs: null },
  ...{ writesToday: 0, writesPerDayMax: 24, lastEvent: null },
};

export const CHARGER: ControlView = {
  ...{ device: "home-4 charger", capability: "evse_current_ma", locked: null, phase: "device-lost", since },
  ...{ wanted: 16_000, allowed: 6_000, actual: null, foreign: null, revertsInMs: null },
  reasons: ["the grid operator leaves 4200 W to home-4"],
  ...{ writesToday: 3, writesPerDayMax: null },
  lastEvent: { code: "DEVICE_LOST", text: "The device has not answered for 30 s", at: since },
};

/** Tells the fixture, and notes what it is asked. */
export class FixtureDesk implements ControlDesk {
  readonly asked: string[] = [];
  /** It cannot say what it controls. */
  isSilent = false;
  #stopped: StopView | null = null;
  #dimmed: SiteLimitView["dimmed"] = null;

  list(): readonly ControlView[] {
    if (this.isSilent) throw new Error("the desk cannot say");
    const all = [BATTERY, CHARGER, INVERTER];
    return this.#stopped === null ? all : all.map((each) => ({ ...each, phase: "stopped" }));
  }

  limits(): readonly SiteLimitView[] {
    const shared = { importLimit: watts(17_000), isFailSafe: false, reasons: [] };
    return [
      { ...shared, home: "home-4", exportLimit: null, dimmed: this.#dimmed, measured: watts(2_310) },
      {
        ...{ ...shared, home: "home-8", exportLimit: watts(4_200), dimmed: null, measured: null, isFailSafe: true },
        reasons: ["the meter of home-8 has been silent for 70 s"],
      },
    ];
  }

  isStopped(): StopView | null {
    return this.#stopped;
  }

  emergencyStop(by: string): Promise<void> {
    this.asked.push(`stop by ${by}`);
    this.#stopped = { at: instantMs(NOW_MS), by };
    return Promise.resolve();
  }

  resetStop(by: string): Promise<void> {
    this.asked.push(`reset by ${by}`);
    this.#stopped = null;
    return Promise.resolve();
  }

  release(device: string): Promise<Result<null, DeskRefusal>> {
    this.asked.push(`release ${device}`);
    return Promise.resolve(fail({ code: "RELEASE_FAILED", detail: "the device does not answer" }));
  }

  dim(home: string, importLimit: Watts, until: InstantMs): Result<null, DeskRefusal> {
    this.asked.push(`dim ${home} to ${importLimit} W`);
    this.#dimmed = { importLimit, until };
    return ok(null);
  }

  undim(home: string): Result<null, DeskRefusal> {
    this.asked.push(`undim ${home}`);
    this.#dimmed = null;
    return ok(null);
  }
}
