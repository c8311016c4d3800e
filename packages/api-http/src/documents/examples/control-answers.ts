/** What the routes of controls answer. */
import type { ControlList } from "@micromarket/protocol";

/** An inverter that is held, a battery that is locked. */
export const EXAMPLE_CONTROLS: ControlList = {
  stopped: null,
  controls: [
    {
      device: "home-1 inverter",
      capability: "limit_generation_w",
      locked: null,
      phase: "holding",
      wanted: 5_000,
      allowed: 3_000,
      actual: 3_000,
      reasons: ["home-1 may feed in 3000 W"],
      foreign: null,
      reverts_in_ms: 60_000,
      writes_today: 7,
      writes_per_day_max: 24,
      since: "2026-07-01T11:00Z",
      since_ms: 1_782_903_600_000,
      last_event: {
        code: "VERIFIED",
        text: "the device holds 3000 W",
        at: "2026-07-01T11:00Z",
        at_ms: 1_782_903_600_000,
      },
    },
    {
      device: "home-2 battery",
      capability: "setpoint_power_w",
      locked: { lock: "device", mend: "set `control: setpoint_power_w` for home-2 battery" },
      phase: "idle",
      wanted: null,
      allowed: null,
      actual: -400,
      reasons: [],
      foreign: 2_000,
      reverts_in_ms: null,
      writes_today: 0,
      writes_per_day_max: null,
      since: "2026-07-01T11:00Z",
      since_ms: 1_782_903_600_000,
      last_event: null,
    },
  ],
  limits: [
    {
      home: "home-1",
      import_limit_w: 17_000,
      export_limit_w: null,
      dimmed: null,
      measured_w: -310,
      is_fail_safe: false,
      reasons: [],
    },
    {
      home: "home-2",
      import_limit_w: 17_000,
      export_limit_w: null,
      dimmed: null,
      measured_w: -310,
      is_fail_safe: false,
      reasons: [],
    },
  ],
};

/** A home under the grid operator's limit. */
export const EXAMPLE_DIMMED: ControlList = {
  ...EXAMPLE_CONTROLS,
  limits: [
    {
      home: "home-1",
      import_limit_w: 17_000,
      export_limit_w: null,
      dimmed: { import_limit_w: 4_200, until: "2026-07-01T13:00Z", until_ms: 1_782_910_800_000 },
      measured_w: -310,
      is_fail_safe: false,
      reasons: [],
    },
  ],
};
