/** Whether the machine's clock is right: asked of the service that keeps it. */
import { execFile } from "node:child_process";

/** What is known of a clock. */
export type ClockState =
  | { readonly kind: "synchronised"; readonly offsetMs: number | null }
  | { readonly kind: "unsynchronised"; readonly reason: string };

/** Asks the service that keeps the machine's clock. */
export interface ClockHealth {
  /** Never rejects. */
  check(): Promise<ClockState>;
}

/** A clock that is farther off does not open a gate. */
const OFFSET_MS_MAX = 2_000;
const ASK_MS_MAX = 5_000;

/** Chrony's word where it runs, because it knows the offset; otherwise systemd's. */
export const systemClockHealth: ClockHealth = {
  async check() {
    const tracking = await ask("chronyc", ["-c", "tracking"]);
    if (tracking !== null) return stateOfTracking(tracking);
    const synchronised = await ask("timedatectl", ["show", "--property=NTPSynchronized", "--value"]);
    return stateOfTimedate(synchronised);
  },
};

/** Reads `chronyc -c tracking`: comma-separated, the offset in seconds fifth, the leap status last. */
export function stateOfTracking(text: string): ClockState {
  const fields = text.trim().split(",");
  const offsetMs = Number(fields[4] ?? NaN) * 1_000;
  if (fields.at(-1) === "Not synchronised" || !Number.isFinite(offsetMs)) {
    return { kind: "unsynchronised", reason: "chrony says that it is not synchronised" };
  }
  if (Math.abs(offsetMs) <= OFFSET_MS_MAX) return { kind: "synchronised", offsetMs };
  return { kind: "unsynchronised", reason: `chrony says that it is off by ${Math.round(offsetMs)} ms` };
}

/** Reads systemd's answer; `null`: there was none. */
export function stateOfTimedate(text: string | null): ClockState {
  if (text?.trim() === "yes") return { kind: "synchronised", offsetMs: null };
  const mend = "start chrony or systemd-timesyncd, or write clock: { trust: unchecked }";
  const what = text === null ? "nobody here knows whether it is right" : "systemd says that it is not synchronised";
  return { kind: "unsynchronised", reason: `${what}; ${mend}` };
}

function ask(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: ASK_MS_MAX }, (error, stdout) => resolve(error === null ? stdout : null));
  });
}
