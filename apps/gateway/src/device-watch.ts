/**
 * Which devices do not count at the moment, and why: said once on the log when it begins and once when it is over, and
 * in the health as long as it lasts.
 *
 * Invariants: one poll that fails is no trouble; a device is in trouble from the third on. What a device has no place for is
 * trouble only where it is counted by, and has nothing else to count with. A counter at 0 is none: what there is to doubt in
 * it the counters say themselves.
 */
import type { Reading } from "@micromarket/assets";
import type { CheckResult } from "@micromarket/api-http";
import { isCounter, type CountedReadings } from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import { readingTrouble } from "./device-trouble.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { GatewayLog } from "./gateway-log.ts";

const POLLS_MIN = 3;
/** Real time after its start within which a device behind a broker says something: some do so once a minute. */
const FIRST_MESSAGE_MS_MAX = 90_000;
/** Devices that the health names; the log names all. */
const NAMED_MAX = 3;

/** What is known of one device. */
interface Watched {
  failedPolls: number;
  failingSinceMs: number;
  hasCounted: boolean;
  trouble: DeviceTrouble | null;
  /** What is wrong with its counters, though it answers. */
  doubt: DeviceTrouble | null;
}

/** How it watches. */
export interface DeviceWatchInit {
  readonly log: GatewayLog;
  /** Real milliseconds on a timer that never goes back. */
  readonly elapsedMs: () => number;
  /** Real milliseconds that a device may take to say something for the first time, by device. @default 0 */
  readonly graceMs: (device: string) => number;
  /** Whether a device's counters are counted by: those of meters and plants. @default all are */
  readonly isCounted?: (device: string) => boolean;
}

/** A watch over the devices of `config`. */
export function watchDevices(config: GatewayConfig, log: GatewayLog, elapsedMs: () => number): DeviceWatch {
  const brokered = new Set(config.devices.filter(({ link }) => link === "mqtt").map(({ id }) => id));
  const counted = new Set([config.tieMeter, ...config.homes.flatMap(({ meter, pv }) => [meter, pv])]);
  const graceMs = (device: string): number => (brokered.has(device) ? FIRST_MESSAGE_MS_MAX : 0);
  return new DeviceWatch({ log, elapsedMs, graceMs, isCounted: (device) => counted.has(device) });
}

/** Watches all devices. */
export class DeviceWatch {
  readonly #init: DeviceWatchInit;
  readonly #devices = new Map<string, Watched>();

  constructor(init: DeviceWatchInit) {
    this.#init = init;
  }

  /**
   * Takes in a poll; `silence` is why the device did not answer, where it did not, `doubt` what is wrong with its counters,
   * where it did.
   */
  note(
    { device, readings, zeros }: CountedReadings,
    silence: DeviceTrouble | null,
    doubt: DeviceTrouble | null = null,
  ): void {
    const nowMs = this.#init.elapsedMs();
    const known = this.#devices.get(device) ?? { ...UNSEEN };
    this.#devices.set(device, known);
    this.#noteDoubt(device, known, doubt);
    const missing = this.#missingIn(
      device,
      readings.filter(({ point }) => zeros?.has(point) !== true),
    );
    if (missing?.value.kind !== "missing") return this.#recover(device, known);
    if (known.failedPolls === 0) known.failingSinceMs = nowMs;
    known.failedPolls += 1;
    const isEarly = !known.hasCounted && nowMs - known.failingSinceMs < this.#init.graceMs(device);
    if (known.failedPolls < POLLS_MIN || isEarly) return;
    const { reason } = missing.value;
    const isSilent = reason === "device-silent" || reason === "not-reported";
    const trouble = (isSilent ? silence : null) ?? readingTrouble(missing.point, reason);
    if (known.trouble?.what !== trouble.what) {
      this.#init.log.warn({ device, ...trouble }, "a device does not count: its slots stay open");
    }
    known.trouble = trouble;
  }

  #missingIn(device: string, readings: readonly Reading[]): Reading | undefined {
    const energies = readings.filter(({ point }) => point.endsWith("_wh"));
    const expected = energies.find(({ value }) => value.kind === "missing" && value.reason !== "not-provided");
    if (expected !== undefined || this.#init.isCounted?.(device) === false) return expected;
    const counters = energies.filter(({ point }) => isCounter(point));
    return counters.every(({ value }) => value.kind === "missing") ? counters[0] : undefined;
  }

  #noteDoubt(device: string, known: Watched, doubt: DeviceTrouble | null): void {
    if (doubt !== null && known.doubt === null)
      this.#init.log.warn({ device, ...doubt }, "a device's counters are in doubt");
    if (doubt === null && known.doubt !== null) this.#init.log.info({ device }, "the device's counters are well again");
    known.doubt = doubt;
  }

  #recover(device: string, known: Watched): void {
    if (known.trouble !== null) this.#init.log.info({ device }, "the device counts again");
    Object.assign(known, { failedPolls: 0, hasCounted: true, trouble: null });
  }

  /** Why `device` does not count; `null`: it does, or nothing of it is counted. */
  troubleOf(device: string): DeviceTrouble | null {
    return this.#devices.get(device)?.trouble ?? null;
  }

  /** A market goes on without a device, and a restart does not mend it: a warning. */
  check(): CheckResult {
    const troubled = this.#named(({ trouble }) => trouble);
    const doubted = this.#named(({ trouble, doubt }) => (trouble === null ? doubt : null));
    if (troubled.length + doubted.length === 0) return { status: "pass", detail: "all devices count" };
    const of = (count: number, what: string): string[] =>
      count === 0 ? [] : [`${count} of ${this.#devices.size} devices ${what}`];
    const counts = [...of(troubled.length, "do not count"), ...of(doubted.length, "have counters in doubt")];
    const all = [...troubled, ...doubted];
    const named = all.slice(0, NAMED_MAX).join(". ");
    const rest = all.length > NAMED_MAX ? `. ${all.length - NAMED_MAX} more: see the log` : "";
    return { status: "warn", detail: `${counts.join(", ")}. ${named}${rest}` };
  }

  #named(of: (watched: Watched) => DeviceTrouble | null): readonly string[] {
    return [...this.#devices].flatMap(([device, watched]) => {
      const trouble = of(watched);
      return trouble === null ? [] : [`${device}: ${trouble.what}; ${trouble.mend}`];
    });
  }
}

const UNSEEN: Watched = { failedPolls: 0, failingSinceMs: 0, hasCounted: false, trouble: null, doubt: null };
