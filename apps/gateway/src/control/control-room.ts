/**
 * All controlled devices of a gateway: what the market awarded and the homes bear is told to each; the desk at which an
 * operator sees and stops them.
 *
 * Invariants: it asks nothing of the market, so that limits, releases and the emergency stop work without one; a stop is
 * latched over restarts; what is held when the gateway closes is given back first.
 */
import {
  homeUnknown,
  type ControlDesk,
  type ControlView,
  type DeskRefusal,
  type SiteLimitView,
  type StopView,
} from "@micromarket/api-http";
import type { DeviceReadings } from "@micromarket/assets";
import {
  closedLock,
  controlPath,
  SAFE_WRITE_DEFAULTS,
  type Capability,
  type ControlEvent,
  type Locks,
  type SiteReason,
} from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { compareText, fail, instantMs, ok, type InstantMs, type Result, type Watts } from "@micromarket/kernel";
import type { GatewayConfig } from "../gateway-config.ts";
import type { MachineTime } from "../machine-time.ts";
import type { SlotClock } from "../slot-clock.ts";
import type { ControlMemory } from "./control-memory.ts";
import { ControlRunner, type Runners } from "./control-runner.ts";
import { controlView, phaseOf } from "./control-view.ts";
import { DeviceBoard } from "./device-board.ts";
import type { DimLog } from "./dim-log.ts";
import { HomeControl } from "./home-control.ts";

/** What becomes known of one control. */
export type ControlListener = (device: string, capability: Capability, event: ControlEvent) => void;

/** What a control room works with. */
export interface ControlRoomInit {
  readonly config: Pick<GatewayConfig, "name" | "homes" | "devices" | "rules" | "isControlEnabled">;
  readonly controls: ReadonlyMap<string, readonly Control[]>;
  readonly clock: Pick<SlotClock, "now" | "factor">;
  readonly time: MachineTime;
  readonly memory: ControlMemory;
  /** The program's lock. */
  readonly isProgramOpen: boolean;
  readonly tell: ControlListener;
  readonly noteDim: DimLog;
}

interface Entry {
  readonly device: string;
  readonly capability: Capability;
  readonly runner: ControlRunner;
  phase: string;
  since: InstantMs;
  lastEvent: (ControlEvent & { readonly at: InstantMs }) | null;
}

/** Real time between two looks at what devices are to do; on a fast clock less, so that a slot does not begin unseen. */
const TICK_MS = 1_000;
const TICK_MS_MIN = 100;
/** In market time. */
const TICK_MARKET_MS_MAX = 15_000;
/** How long a stop of the gateway waits for devices to be given back. */
const RELEASE_MS_MAX = 10_000;
const STOP_PATH = "emergency stop";
const SILENT_POLLS = 3;
const SILENT_MS_MIN = 15_000;
/** Polls that may fail between two powers that count as one flow. */
const FLOW_POLLS = 3;

const REASONS: Readonly<Record<SiteReason, string>> = {
  METER_MISSING: "the home's meter or the device is silent: held to what is safe without it",
  OPPOSED_STORAGE: "another battery flows the other way",
  GROUP_LIMIT: "the grid operator's limit for the home's devices",
  IMPORT_LIMIT: "the most that the home's connection draws",
  EXPORT_LIMIT: "the most that the home's connection feeds in",
};

export class ControlRoom implements ControlDesk {
  readonly board: DeviceBoard;
  readonly #init: ControlRoomInit;
  readonly #locks: Locks;
  readonly #entries: readonly Entry[];
  readonly #homes: readonly HomeControl[];
  readonly #tickMs: number;
  readonly #startMs: number;
  readonly #openedMs: number;
  #stopped: StopView | null;
  #isClosing = false;
  #cancelTick: () => void = () => undefined;

  constructor(init: ControlRoomInit) {
    const { config, controls, time, isProgramOpen } = init;
    this.#init = init;
    this.#startMs = time.wallNow() - time.elapsedMs();
    this.#openedMs = time.elapsedMs();
    this.#locks = {
      isOpen: isProgramOpen,
      openSites: new Set(config.isControlEnabled ? [config.name] : []),
      openControls: new Set(
        config.devices.flatMap(({ id, control }) => control.map((capability) => this.#pathOf(id, capability))),
      ),
    };
    this.#stopped = this.#recallStop();
    this.#entries = [...controls]
      .flatMap(([device, list]) => list.map((control) => this.#entry(device, control)))
      .sort((a, b) => compareText(a.device, b.device) || compareText(a.capability, b.capability));
    const pollMs = new Map(config.devices.map(({ id, poll }): [string, number] => [id, poll]));
    this.board = new DeviceBoard(
      () => time.elapsedMs(),
      (device) => Math.max(SILENT_MS_MIN, SILENT_POLLS * (pollMs.get(device) ?? 0)),
    );
    const slowest = Math.max(0, ...pollMs.values());
    const factor = init.clock.factor ?? 1;
    this.#tickMs = Math.min(TICK_MS, Math.max(TICK_MS_MIN, Math.ceil(TICK_MARKET_MS_MAX / factor)));
    const flowGapMs = FLOW_POLLS * Math.max(slowest, TICK_MS) * factor;
    const { slotLength } = config.rules;
    this.#homes = config.homes.map((home) => {
      const runnersOf = (device: string): Runners => this.#runnersOf(device);
      const { noteDim } = init;
      return new HomeControl({ home, runnersOf, board: this.board, slotLength, flowGapMs, noteDim });
    });
    if (this.#stopped !== null) for (const { runner } of this.#entries) runner.stop(this.#stopped.by);
  }

  /** Whether any device can be told anything. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The homes under control. */
  get homes(): readonly HomeControl[] {
    return this.#homes;
  }

  /** Begins to look after the devices: what an earlier run left held is given back, unless it is wanted again. */
  start(): void {
    for (const { device, runner } of this.#entries) {
      if (!this.#homes.some((home) => isOf(home, device))) runner.look();
    }
    this.#tick();
  }

  /** Hears what a device says. */
  hear(readings: DeviceReadings): void {
    this.board.note(readings);
    const isPresent = readings.readings.some(({ value }) => value.kind === "value");
    for (const { device, runner } of this.#entries) {
      if (device !== readings.device) continue;
      runner.device(isPresent);
      const { effect } = runner.control.rules;
      const seen = readings.readings.find(({ point }) => point === effect?.point);
      if (seen !== undefined) runner.measured(seen);
    }
  }

  /** The market has failed: what it awarded holds no longer. */
  forgetAwards(): void {
    for (const home of this.#homes) home.forget();
  }

  list(): readonly ControlView[] {
    return this.#entries.map((entry) => {
      const { device, capability, runner, since, lastEvent } = entry;
      const place = { site: this.#init.config.name, device, capability };
      return controlView({ place, runner, reasons: this.#reasonsFor(device), since, lastEvent }, this.#locks);
    });
  }

  /** Of homes that have something to hold back, a connection that is limited, or a signal of the grid operator. */
  limits(): readonly SiteLimitView[] {
    const bound = this.#homes.filter(({ home: { battery, charger, limits }, isDimmed }) => {
      return isDimmed || battery !== null || charger !== null || limits.import !== null || limits.export !== null;
    });
    return bound.map((home) => home.view()).sort((a, b) => compareText(a.home, b.home));
  }

  isStopped(): StopView | null {
    return this.#stopped;
  }

  async emergencyStop(by: string): Promise<void> {
    this.#stopped ??= { at: this.#init.clock.now(), by };
    for (const { runner } of this.#entries) runner.stop(by);
    const unkept = this.#keepStop();
    await this.#settle(this.#entries);
    if (unkept !== null) throw new Error("the stop holds, but a restart would not know of it", { cause: unkept });
  }

  resetStop(): Promise<void> {
    this.#stopped = null;
    const unkept = this.#keepStop();
    for (const { runner } of this.#entries) runner.reset();
    if (unkept === null) return Promise.resolve();
    return Promise.reject(new Error("the stop is lifted, but a restart would not know of it", { cause: unkept }));
  }

  async release(device: string): Promise<Result<null, DeskRefusal>> {
    const entries = this.#entries.filter((entry) => entry.device === device);
    if (entries.length === 0) {
      return fail({ code: "DEVICE_UNKNOWN", detail: `no device "${device}" is controlled here` });
    }
    if (entries.every(({ runner }) => runner.controller.hold === null)) {
      return fail({ code: "NOTHING_TO_RELEASE", detail: `nothing is held of "${device}"` });
    }
    for (const home of this.#homes) if (isOf(home, device)) home.forget();
    for (const { runner } of entries) runner.release("an operator said so");
    await this.#settle(entries);
    if (entries.every(({ runner }) => runner.controller.hold === null)) return ok(null);
    return fail({ code: "RELEASE_FAILED", detail: `"${device}" did not take it, or does not answer` });
  }

  dim(home: string, importLimit: Watts, validUntil: InstantMs): Result<null, DeskRefusal> {
    const found = this.#homes.find((each) => each.home.party === home);
    if (found === undefined) return fail(homeUnknown(home));
    const now = this.#init.clock.now();
    const dimmed = found.dim(importLimit, validUntil, now);
    found.step(now);
    return dimmed;
  }

  undim(home: string): Result<null, DeskRefusal> {
    const found = this.#homes.find((each) => each.home.party === home);
    return found?.undim(this.#init.clock.now()) ?? fail(homeUnknown(home));
  }

  /** Gives everything back and stops; waits for devices that do not answer no longer than ten seconds. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#cancelTick();
    for (const { runner } of this.#entries) runner.release("the gateway stops");
    await this.#settle(this.#entries);
    for (const { runner } of this.#entries) runner.close();
  }

  #tick(): void {
    if (this.#isClosing) return;
    const now = this.#init.clock.now();
    for (const home of this.#homes) if (this.#isKnown(home)) home.step(now);
    for (const entry of this.#entries) this.#notePhase(entry);
    this.#cancelTick = this.#init.time.after(this.#tickMs, () => this.#tick());
  }

  /** Whether there was time to hear of all devices of a home: before that nothing is undone that an earlier run has told. */
  #isKnown({ home: { meter, pv, battery, charger } }: HomeControl): boolean {
    const { time } = this.#init;
    if (time.elapsedMs() - this.#openedMs >= SILENT_MS_MIN) return true;
    const devices = [meter, pv, battery?.device, charger?.device];
    return devices.every((device) => device === null || device === undefined || this.board.hasHeard(device));
  }

  #notePhase(entry: Entry): void {
    const phase = phaseOf(entry.runner, !this.#isUnlocked(entry.device, entry.capability));
    if (phase === entry.phase) return;
    entry.phase = phase;
    entry.since = this.#init.clock.now();
  }

  async #settle(entries: readonly Entry[]): Promise<void> {
    const { time } = this.#init;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = time.after(RELEASE_MS_MAX, resolve)));
    await Promise.race([Promise.all(entries.map(({ runner }) => runner.settled())), late]);
    cancel();
  }

  #entry(device: string, control: Control): Entry {
    const { time, memory, clock, tell } = this.#init;
    const { capability } = control.rules;
    const now = (): InstantMs => instantMs(Math.round(this.#startMs + time.elapsedMs()));
    const runner: ControlRunner = new ControlRunner({
      ...{ control, memory, now },
      path: this.#pathOf(device, capability),
      options: () => ({ ...SAFE_WRITE_DEFAULTS, ratingW: this.board.numberOf(device, "rating_w") }),
      after: (delayMs, action) => time.after(delayMs, action),
      isUnlocked: () => this.#isUnlocked(device, capability),
      tell: (event) => {
        tell(device, capability, event);
        entry.lastEvent = { ...event, at: clock.now() };
        this.#notePhase(entry);
      },
    });
    const entry: Entry = { device, capability, runner, phase: "idle", since: clock.now(), lastEvent: null };
    return entry;
  }

  #isUnlocked(device: string, capability: Capability): boolean {
    return closedLock(this.#locks, { site: this.#init.config.name, device, capability }) === null;
  }

  #pathOf(device: string, capability: Capability): string {
    return controlPath({ site: this.#init.config.name, device, capability });
  }

  #runnersOf(device: string): Runners {
    const own = this.#entries.filter((entry) => entry.device === device);
    return new Map(own.map(({ capability, runner }) => [capability, runner]));
  }

  #reasonsFor(device: string): readonly string[] {
    return this.#homes.flatMap((home) => home.reasonsFor(device)).map((reason) => REASONS[reason]);
  }

  #recallStop(): StopView | null {
    const text = this.#init.memory.recall(STOP_PATH);
    if (text === null || text === "") return null;
    const [at = "", ...by] = text.split(" ");
    return { at: instantMs(Number(at)), by: by.join(" ") };
  }

  /** What keeps a restart from knowing how things stand; `null`: nothing. */
  #keepStop(): unknown {
    const stopped = this.#stopped;
    try {
      this.#init.memory.keep(STOP_PATH, stopped === null ? "" : `${stopped.at} ${stopped.by}`);
      return null;
    } catch (error) {
      return error;
    }
  }
}

function isOf({ home }: HomeControl, device: string): boolean {
  return home.battery?.device === device || home.charger?.device === device || home.pv === device;
}
