/** Waits for a device to let go of a value that nobody refreshes any more, and measures how long it takes. */
import { isLimit, type ControlRules, type ControlState, type WriteTerms } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { machineTime } from "@micromarket/gateway";
import type { StopSignals } from "../stop-signals.ts";
import { pause } from "./pause.ts";

/** A control that remembers its last write, and whose refreshes never come. */
export interface SilentControl {
  readonly control: Control;
  /** `null`: nothing was written. */
  readonly written: () => { readonly value: number; readonly terms: WriteTerms; readonly elapsedMs: number } | null;
}

const NEVER_MS = 10 * 365 * 24 * 3_600_000;

/** The same control, not refreshed. */
export function withoutRefresh(control: Control): SilentControl {
  let written: ReturnType<SilentControl["written"]> = null;
  const { rules } = control;
  const reversion = rules.reversion.kind === "none" ? rules.reversion : { ...rules.reversion, refreshMs: NEVER_MS };
  return {
    control: {
      rules: { ...rules, reversion },
      read: () => control.read(),
      write: (value, terms) => {
        written = { value, terms, elapsedMs: machineTime.elapsedMs() };
        return control.write(value, terms);
      },
      restore: (snapshot) => control.restore(snapshot),
    },
    written: () => written,
  };
}

/** What came of it. */
export interface ReversionResult {
  readonly isReverted: boolean;
  /** From the last word to the device to the first look at which the value was gone; `null`: it was not, or nobody looked. */
  readonly measuredMs: number | null;
  /** At the last look; `null`: nothing could be read when it should have let go. */
  readonly state: ControlState | null;
}

/** A device that is told nothing any more. */
export interface Silence {
  readonly control: Control;
  /** The value that was written, and when the device was last told anything. */
  readonly value: number;
  readonly sinceMs: number;
  /**
   * `watch`: looking sends it nothing, or nothing that keeps the value up. `ask-late`: looking may keep it up, so that it is
   * asked at the end. `wake-late`: it must be woken at the end, and may first say what it said before.
   */
  readonly looks: "watch" | "ask-late" | "wake-late";
  /** Wakes it. */
  readonly wake: () => void;
  /** How long an answer is waited for once it should have let go. */
  readonly patienceMs: number;
}

const LOOK_MS = 1_000;

/** Looks once a second until the value is gone, or twice the time has passed that the profile gives. */
export async function watchReversion(
  silence: Silence,
  signals: StopSignals,
  tell: (elapsedMs: number, state: ControlState | null) => void,
): Promise<ReversionResult> {
  const { control, value, sinceMs, looks, wake, patienceMs } = silence;
  const { reversion } = control.rules;
  const limitMs = reversion.kind === "none" ? 0 : 2 * reversion.afterMs;
  const enoughMs = looks === "wake-late" ? limitMs + patienceMs : limitMs;
  const elapsed = (): number => machineTime.elapsedMs() - sinceMs;
  if (looks !== "watch") await pause(Math.max(0, limitMs - elapsed()), signals);
  wake();
  for (let state: ControlState | null = null; ;) {
    const asked = elapsed();
    const read = await control.read();
    tell(asked, read.ok ? read.value : null);
    if (read.ok && isGone(control.rules, read.value, value)) {
      return { isReverted: true, measuredMs: looks === "watch" ? Math.round(asked) : null, state: read.value };
    }
    if (read.ok && asked >= limitMs) state = read.value;
    const isSeen = state !== null && asked >= enoughMs;
    if (isSeen || asked >= limitMs + patienceMs || signals.requests > 0) {
      return { isReverted: false, measuredMs: null, state };
    }
    await pause(LOOK_MS, signals);
  }
}

function isGone({ verify }: ControlRules, { value, isActive }: ControlState, written: number): boolean {
  return isActive === false || value === null || Math.abs(value - written) > verify.tolerance;
}

/** Whether the device holds what it should fall back to; a limit that is not obeyed is none, and so the greatest value. */
export function isFallbackRight(
  { capability, range, verify }: ControlRules,
  { value, isActive }: ControlState,
  fallback: number | null,
  found: Pick<ControlState, "value" | "isActive">,
): boolean {
  const near = (a: number | null, b: number | null): boolean =>
    a !== null && b !== null && Math.abs(a - b) <= verify.tolerance;
  if (fallback === null) return isActive === false || near(value, found.value);
  if (isActive === false) return isLimit(capability) && fallback === range.max;
  return near(value, fallback);
}

/** A harmless value: nine tenths of what the device holds, or of all it can; `null`: the capability has none. */
export function harmlessValue({ capability, range }: ControlRules, { value, isActive }: ControlState): number | null {
  const isPower = /^(?:limit_|storage_max_|evse_current)/.test(capability);
  if (!isPower) return null;
  const base = isActive === false ? (value ?? range.max) : value;
  return base === null ? null : Math.floor((Math.min(base, range.max) * 9) / 10);
}
