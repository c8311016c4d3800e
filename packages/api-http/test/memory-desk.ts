/** A control desk in memory: two homes, an inverter that is held, a battery that is locked. It notes what it is asked. */
import { fail, instantMs, ok, watts, type InstantMs, type Result, type Watts } from "@micromarket/kernel";
import { NOON } from "@micromarket/testkit";
import {
  homeUnknown,
  type ControlDesk,
  type ControlView,
  type DeskRefusal,
  type SiteLimitView,
  type StopView,
} from "@micromarket/api-http";

const SINCE = instantMs(NOON - 3_600_000);
const LEAST_IMPORT = watts(4_200);

export const HELD: ControlView = {
  device: "home-1 inverter",
  capability: "limit_generation_w",
  locked: null,
  phase: "holding",
  wanted: 5_000,
  allowed: 3_000,
  reasons: ["home-1 may feed in 3000 W"],
  actual: 3_000,
  foreign: null,
  revertsInMs: 60_000,
  writesToday: 7,
  writesPerDayMax: 24,
  since: SINCE,
  lastEvent: { code: "VERIFIED", text: "the device holds 3000 W", at: SINCE },
};

export const LOCKED: ControlView = {
  ...HELD,
  device: "home-2 battery",
  capability: "setpoint_power_w",
  locked: { lock: "device", mend: "set `control: setpoint_power_w` for home-2 battery" },
  phase: "idle",
  ...{ wanted: null, allowed: null, reasons: [], actual: -400, foreign: 2_000, revertsInMs: null },
  ...{ writesToday: 0, writesPerDayMax: null, lastEvent: null },
};

export class MemoryDesk implements ControlDesk {
  controls: readonly ControlView[] = [HELD, LOCKED];
  readonly asked: string[] = [];
  /** Where set, a stop fails with it. */
  trouble: Error | null = null;
  /** It cannot say anything. */
  isSilent = false;
  #stopped: StopView | null = null;
  readonly #dimmed = new Map<string, SiteLimitView["dimmed"]>();

  list(): readonly ControlView[] {
    if (this.isSilent) throw new Error("the desk cannot say");
    return this.#stopped === null ? this.controls : this.controls.map((each) => ({ ...each, phase: "stopped" }));
  }

  limits(): readonly SiteLimitView[] {
    return ["home-1", "home-2"].map((home) => ({
      ...{ home, importLimit: watts(17_000), exportLimit: null, measured: watts(-310), isFailSafe: false, reasons: [] },
      dimmed: this.#dimmed.get(home) ?? null,
    }));
  }

  isStopped(): StopView | null {
    if (this.isSilent) throw new Error("the desk cannot say");
    return this.#stopped;
  }

  emergencyStop(by: string): Promise<void> {
    this.asked.push(`stop by ${by}`);
    this.#stopped ??= { at: SINCE, by };
    return this.trouble === null ? Promise.resolve() : Promise.reject(this.trouble);
  }

  resetStop(by: string): Promise<void> {
    this.asked.push(`reset by ${by}`);
    this.#stopped = null;
    return Promise.resolve();
  }

  release(device: string): Promise<Result<null, DeskRefusal>> {
    this.asked.push(`release ${device}`);
    if (device === "home-9 lost") return Promise.resolve(refusal("RELEASE_FAILED", "the device does not answer"));
    const known = this.controls.find((each) => each.device === device);
    if (known === undefined) return Promise.resolve(refusal("DEVICE_UNKNOWN", "no such device"));
    if (known.phase !== "holding") return Promise.resolve(refusal("NOTHING_TO_RELEASE", "nothing is held of it"));
    this.controls = this.controls.map((each) => (each === known ? { ...each, phase: "released" } : each));
    return Promise.resolve(ok(null));
  }

  dim(home: string, importLimit: Watts, until: InstantMs): Result<null, DeskRefusal> {
    this.asked.push(`dim ${home} to ${importLimit} W until ${until}`);
    if (!["home-1", "home-2"].includes(home)) return fail(homeUnknown(home));
    if (importLimit < LEAST_IMPORT) return refusal("LIMIT_REFUSED", `at least ${LEAST_IMPORT} W have to be left`);
    this.#dimmed.set(home, { importLimit, until });
    return ok(null);
  }

  undim(home: string): Result<null, DeskRefusal> {
    this.asked.push(`undim ${home}`);
    if (!["home-1", "home-2"].includes(home)) return fail(homeUnknown(home));
    return this.#dimmed.delete(home) ? ok(null) : refusal("NOT_DIMMED", "no signal holds");
  }
}

function refusal(code: DeskRefusal["code"], detail: string): { readonly ok: false; readonly error: DeskRefusal } {
  return fail({ code, detail });
}
