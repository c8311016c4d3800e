/** `micromarket device prove-reversion`: whether a device lets go by itself when nobody speaks to it, and how soon. */
import type { ControlState } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { machineTime, type DeviceHandle } from "@micromarket/gateway";
import { formatInstant, ok, type Result, type InputProblem } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { capabilityOf, controlOf } from "../device/choose-control.ts";
import { lockComplaint, memoryPath, stateFolder, takeControl, type ControlOptions } from "../device/control-place.ts";
import { findDevice, wrongWords, type ChosenDevice } from "../device/find-device.ts";
import { Holder } from "../device/hold-value.ts";
import { humanValue, readHumanValue } from "../device/human-value.ts";
import { previewOf, previewText } from "../device/preview.ts";
import { readRecords, writeRecords } from "../device/site-records.ts";
import {
  harmlessValue,
  isFallbackRight,
  watchReversion,
  withoutRefresh,
  type ReversionResult,
} from "../device/watch-reversion.ts";
import { reportSilence, SECOND_MS, useDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchStopSignals, type StopSignals } from "../stop-signals.ts";
import { reportHeld, reportUnreadable } from "./device-set.ts";

/** Options of `micromarket device prove-reversion`. */
export interface ProveReversionOptions extends DeviceOptions, ControlOptions {
  readonly value?: string;
  readonly confirm?: boolean;
}

const RECORDS = "reversions.json";

/** Exit 4 where the device did not let go within twice its time, or fell back to something else. Always gives back. */
export async function deviceProveReversion(
  name: string | null,
  words: string,
  options: ProveReversionOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false, confirm = false } = options;
  const found = findDevice(name, options);
  if (!found.ok) return refuse(found.error, json, port);
  const capability = capabilityOf(words);
  if (!capability.ok) return refuse([capability.error], json, port);
  const lock = confirm ? lockComplaint(found.value, capability.value, options) : null;
  if (lock !== null) return refuse([lock], json, port);
  const opening = { timeoutMs: options.timeout * SECOND_MS, isWritable: confirm };
  return useDevice(found.value, opening, async (handle, chosen) => {
    const control = controlOf(handle, capability.value);
    if (!control.ok) return refuse([control.error], json, port);
    if (control.value.rules.reversion.kind === "none") {
      const what = `by its profile nothing ends ${capability.value}: the device keeps it when the gateway is gone`;
      return refuse([wrongWords("REVERSION_NONE", what, "there is nothing to prove")], json, port);
    }
    await handle.heard(options.timeout * SECOND_MS, capability.value);
    const read = await control.value.read();
    if (!read.ok) return reportUnreadable(handle, read.error, json, port);
    const wish = wishOf(control.value, read.value, options.value);
    if (!wish.ok) return refuse([wish.error], json, port);
    const same = sameComplaint(control.value, read.value, wish.value);
    if (same !== null) return refuse([same], json, port);
    if (!confirm) return tellPlan(control.value, read.value, wish.value, chosen, options, port);
    return prove({ handle, chosen, control: control.value, found: read.value, wish: wish.value, options, port });
  });
}

function wishOf({ rules }: Control, state: ControlState, text: string | undefined): Result<number, InputProblem> {
  if (text !== undefined) return readHumanValue(rules.capability, text);
  const harmless = harmlessValue(rules, state);
  if (harmless !== null) return ok(harmless);
  const what = `no value of ${rules.capability} is known to be harmless`;
  return { ok: false, error: wrongWords("VALUE_NEEDED", what, "give --value, another one than the device holds") };
}

/** A value that the device holds already is never seen to go; a limit that was found is the loosest that is written. */
function sameComplaint(control: Control, state: ControlState, wish: number): InputProblem | null {
  const { rules } = control;
  const { value } = previewOf(control, state, wish, []);
  const isSame = value !== null && state.value !== null && Math.abs(value - state.value) <= rules.verify.tolerance;
  if (!isSame || state.isActive === false) return null;
  const held = humanValue(rules.capability, state.value ?? 0);
  const what = `it holds ${held} already, and ${humanValue(rules.capability, value)} would be written: nobody could see it go`;
  return wrongWords("VALUE_SAME", what, "give --value, another one; of a limit a stricter one than it holds");
}

function tellPlan(
  control: Control,
  state: ControlState,
  wish: number,
  chosen: ChosenDevice,
  options: ProveReversionOptions,
  port: ConsolePort,
): ExitCode {
  const plan = previewOf(control, state, wish, [lockComplaint(chosen, control.rules.capability, options)]);
  if (options.json === true) port.out(`${JSON.stringify({ wish, ...plan, written: false }, null, 2)}\n`);
  else port.out(`${previewText(control, wish, plan)}Nothing was written: add --confirm to write, and wait.\n`);
  return EXIT_CODE.ok;
}

interface Proof {
  readonly handle: DeviceHandle;
  readonly chosen: ChosenDevice;
  readonly control: Control;
  readonly found: ControlState;
  readonly wish: number;
  readonly options: ProveReversionOptions;
  readonly port: ConsolePort;
}

async function prove(proof: Proof): Promise<ExitCode> {
  const { handle, chosen, control, wish, options, port } = proof;
  const { json = false } = options;
  const folder = stateFolder(chosen, options);
  const records = readRecords(folder, RECORDS);
  if (!records.ok) return refuse([records.error], json, port);
  const right = takeControl(chosen, options);
  if (!right.ok) return refuse([right.error], json, port);
  const signals = watchStopSignals();
  try {
    const silent = withoutRefresh(control);
    const path = memoryPath(chosen, control.rules.capability);
    const noLooks = { checkEveryMs: 10 * 365 * 24 * 3_600_000 };
    const init = { control: silent.control, path, memory: right.value.memory, options: noLooks, json, port, signals };
    const holder = new Holder(init);
    const isTaken = await holder.take(wish, 2 * control.rules.verify.withinMs + options.timeout * SECOND_MS);
    const written = silent.written();
    const result = isTaken && written !== null ? await watchSilence(proof, written, signals) : null;
    const isReleased = await holder.release("the proof ends");
    if (!isReleased) reportHeld(handle, json, port);
    if (signals.requests > 0) return isReleased ? EXIT_CODE.interrupted : EXIT_CODE.failed;
    if (result === null || written === null) return EXIT_CODE.failed;
    if (result.state === null) return reportUnseen(handle, json, port);
    const record = recordOf(proof, result, written, formatInstant(holder.now()));
    writeRecords(folder, RECORDS, [...records.value, record]);
    port.out(json ? `${JSON.stringify(record)}\n` : verdictText(record, control));
    if (!isReleased) return EXIT_CODE.failed;
    return record.verdict === "proven" ? EXIT_CODE.ok : EXIT_CODE.thresholdMissed;
  } finally {
    signals.close();
    right.value.release();
  }
}

/** Tells the device nothing any more, as if this program were gone, and waits for it to let go. */
async function watchSilence(
  { handle, control, options, port }: Proof,
  written: { readonly value: number; readonly elapsedMs: number },
  signals: StopSignals,
): Promise<ReversionResult> {
  const isHeartbeat = control.rules.reversion.kind === "heartbeat";
  const wasKept = control.hush?.() ?? false;
  const sinceMs = wasKept ? machineTime.elapsedMs() : written.elapsedMs;
  // what a heartbeat's device may take for a sign of life must stop as well
  const wake = isHeartbeat ? handle.stopWaking() : (): void => undefined;
  const looks =
    !isHeartbeat || handle.looks === "listens" ? "watch" : handle.looks === "asks" ? "ask-late" : "wake-late";
  const patienceMs = options.timeout * SECOND_MS;
  const limitMs = control.rules.reversion.kind === "none" ? 0 : 2 * control.rules.reversion.afterMs;
  if (looks !== "watch" && options.quiet !== true) {
    port.err(`nothing is said to it for ${limitMs / SECOND_MS} s: looking could keep the value up\n`);
  }
  return watchReversion({ control, value: written.value, sinceMs, looks, wake, patienceMs }, signals, (ms, state) => {
    if (options.quiet !== true) port.err(`${Math.round(ms / SECOND_MS)} s: ${stateText(control, state)}\n`);
  });
}

function reportUnseen(handle: DeviceHandle, json: boolean, port: ConsolePort): ExitCode {
  if (handle.trouble() !== null) return reportSilence(handle, json, port);
  const what = "what it held at the end could not be read, so that nothing is proven";
  const mend = "check that nothing else speaks to it, and try again";
  const failure = { code: "REVERSION_UNSEEN", device: handle.device, what, mend };
  port.err(json ? `${JSON.stringify({ failure })}\n` : `${handle.device}: ${what} — ${mend} (REVERSION_UNSEEN)\n`);
  return EXIT_CODE.failed;
}

function stateText({ rules }: Control, state: ControlState | null): string {
  if (state === null) return "no answer";
  const value = state.value === null ? "it does not say" : humanValue(rules.capability, state.value);
  const left = state.revertsInMs === null ? "" : `, ${state.revertsInMs / SECOND_MS} s left of its timer`;
  return `${value}${state.isActive === false ? ", not obeyed" : ""}${left}`;
}

/** A site's record: what the device is, what it should do, what it did. */
interface ReversionRecord {
  readonly device: string;
  readonly capability: string;
  readonly profile: string;
  readonly identity: ReturnType<DeviceHandle["identity"]>;
  readonly at: string;
  readonly kind: string;
  readonly writtenValue: number;
  readonly declaredMs: number;
  readonly measuredMs: number | null;
  readonly refreshMs: number;
  readonly fallback: number | null;
  readonly fellBackTo: { readonly value: number | null; readonly isActive: boolean | null } | null;
  readonly verdict: "proven" | "not-reverted" | "other-fallback";
}

function recordOf(
  { handle, control, found }: Proof,
  { isReverted, measuredMs, state }: ReversionResult,
  written: { readonly value: number; readonly terms: { readonly fallback: number | null } },
  at: string,
): ReversionRecord {
  const { rules } = control;
  const { reversion } = rules;
  const { fallback } = written.terms;
  const isRight = isReverted && state !== null && isFallbackRight(rules, state, fallback, found);
  return {
    device: handle.device,
    capability: rules.capability,
    profile: `${handle.head.name} ${handle.head.version}`,
    identity: handle.identity(),
    at,
    kind: reversion.kind,
    writtenValue: written.value,
    declaredMs: reversion.kind === "none" ? 0 : reversion.afterMs,
    measuredMs,
    refreshMs: reversion.kind === "none" ? 0 : reversion.refreshMs,
    fallback,
    fellBackTo: state === null ? null : { value: state.value, isActive: state.isActive },
    verdict: isRight ? "proven" : isReverted ? "other-fallback" : "not-reverted",
  };
}

function verdictText(record: ReversionRecord, { rules }: Control): string {
  const { declaredMs, measuredMs, refreshMs, fellBackTo, verdict } = record;
  const said = `its profile says ${declaredMs / SECOND_MS} s`;
  if (verdict === "not-reverted") {
    return `NOT REVERTED within ${(2 * declaredMs) / SECOND_MS} s; ${said}. When the gateway is gone, the device keeps the value.\n`;
  }
  const after =
    measuredMs === null ? "in time (not measured: looking would keep it up)" : `after ${measuredMs / SECOND_MS} s`;
  const value = fellBackTo?.value ?? null;
  const isOff = fellBackTo?.isActive === false;
  const to = isOff
    ? "obeys no value any more"
    : `holds ${value === null ? "it does not say" : humanValue(rules.capability, value)}`;
  const isSlow = measuredMs !== null && refreshMs * 3 > measuredMs;
  const hint = isSlow
    ? ` Refreshes every ${refreshMs / SECOND_MS} s are too slow for it: a third of that is safe.`
    : "";
  const head = verdict === "proven" ? "PROVEN" : "REVERTED TO SOMETHING ELSE";
  return `${head}: let go ${after}, and ${to}; ${said}.${hint}\n`;
}
