/** `micromarket device set`: tells a device a value for a while, by the safe write, and gives it back. */
import type { DeviceHandle } from "@micromarket/gateway";
import type { Control } from "@micromarket/device-profiles";
import type { Capability } from "@micromarket/control";
import type { ConsolePort } from "../console-port.ts";
import { capabilityOf, controlOf } from "../device/choose-control.ts";
import {
  lockComplaint,
  memoryPath,
  rivalComplaint,
  takeControl,
  type ControlOptions,
} from "../device/control-place.ts";
import { findDevice, type ChosenDevice } from "../device/find-device.ts";
import { Holder } from "../device/hold-value.ts";
import { readHumanValue } from "../device/human-value.ts";
import { previewOf, previewText } from "../device/preview.ts";
import { reportSilence, SECOND_MS, useDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchStopSignals } from "../stop-signals.ts";

/** Options of `micromarket device set`. */
export interface DeviceSetOptions extends DeviceOptions, ControlOptions {
  /** Milliseconds. */
  readonly for: number;
  readonly confirm?: boolean;
}

/** The words of the command: the device where a file names it. */
export interface SetWords {
  readonly device: string | null;
  readonly capability: string;
  readonly value: string;
}

/** Without `--confirm` only says what would be written. Exit 1 where the value did not come about or did not stay. */
export async function deviceSet(words: SetWords, options: DeviceSetOptions, port: ConsolePort): Promise<ExitCode> {
  const { json = false, confirm = false } = options;
  const found = findDevice(words.device, options);
  if (!found.ok) return refuse(found.error, json, port);
  const capability = capabilityOf(words.capability);
  if (!capability.ok) return refuse([capability.error], json, port);
  const wish = readHumanValue(capability.value, words.value);
  if (!wish.ok) return refuse([wish.error], json, port);
  const lock = confirm ? lockComplaint(found.value, capability.value, options) : null;
  if (lock !== null) return refuse([lock], json, port);
  const opening = { timeoutMs: options.timeout * SECOND_MS, isWritable: confirm };
  return useDevice(found.value, opening, async (handle, chosen) => {
    const control = controlOf(handle, capability.value);
    if (!control.ok) return refuse([control.error], json, port);
    const run = confirm ? holdFor : preview;
    return run({ handle, chosen, control: control.value, wish: wish.value, options, port });
  });
}

interface SetRun {
  readonly handle: DeviceHandle;
  readonly chosen: ChosenDevice;
  readonly control: Control;
  readonly wish: number;
  readonly options: DeviceSetOptions;
  readonly port: ConsolePort;
}

async function preview({ handle, chosen, control, wish, options, port }: SetRun): Promise<ExitCode> {
  const { json = false } = options;
  const { capability } = control.rules;
  await handle.heard(options.timeout * SECOND_MS, capability);
  const read = await control.read();
  if (!read.ok) return reportUnreadable(handle, read.error, json, port);
  const seen = previewOf(control, read.value, wish, [
    lockComplaint(chosen, capability, options),
    rivalComplaint(chosen, options),
  ]);
  if (json)
    port.out(`${JSON.stringify({ device: handle.device, capability, wish, ...seen, written: false }, null, 2)}\n`);
  else port.out(`${previewText(control, wish, seen)}Nothing was written: add --confirm to write.\n`);
  return EXIT_CODE.ok;
}

/** Says that what the device holds cannot be read. */
export function reportUnreadable(
  handle: DeviceHandle,
  { code, detail }: { readonly code: string; readonly detail: string },
  json: boolean,
  port: ConsolePort,
): ExitCode {
  if (handle.trouble() !== null) return reportSilence(handle, json, port);
  if (json) port.err(`${JSON.stringify({ failure: { code, device: handle.device, what: detail } })}\n`);
  else port.err(`${handle.device} at ${handle.place}: ${detail} (${code})\n`);
  return EXIT_CODE.failed;
}

async function holdFor({ handle, chosen, control, wish, options, port }: SetRun): Promise<ExitCode> {
  const { json = false } = options;
  const { capability } = control.rules;
  const right = takeControl(chosen, options);
  if (!right.ok) return refuse([right.error], json, port);
  const signals = watchStopSignals();
  try {
    await handle.heard(options.timeout * SECOND_MS, capability);
    const { memory } = right.value;
    const ratingW = await ratingOf(handle, capability);
    const path = memoryPath(chosen, capability);
    const holder = new Holder({ control, path, memory, options: { ratingW }, json, port, signals });
    // how long a device may take to say what it was told is its own matter, and none of how long it is to be held
    const isTaken = await holder.take(wish, 2 * control.rules.verify.withinMs + options.timeout * SECOND_MS);
    const isKept = isTaken && (await holder.keep(handle, options.for));
    const isReleased = await holder.release("the command ends");
    if (!isReleased) reportHeld(handle, json, port);
    if (!isReleased || (signals.requests === 0 && !isKept)) return EXIT_CODE.failed;
    return signals.requests > 0 ? EXIT_CODE.interrupted : EXIT_CODE.ok;
  } finally {
    signals.close();
    right.value.release();
  }
}

/** What a share is a share of, as far as the device says it. */
async function ratingOf(handle: DeviceHandle, capability: Capability): Promise<number | null> {
  if (!capability.endsWith("_ppm")) return null;
  const { readings } = await handle.read();
  const rating = readings.find(({ point }) => point === "rating_w")?.value;
  return rating?.kind === "value" ? rating.value : null;
}

/** Says that the device still holds what it was told. */
export function reportHeld(handle: DeviceHandle, json: boolean, port: ConsolePort): void {
  const what = "it still holds what it was told; what it held before is kept";
  const mend = "run micromarket device release, or start the gateway";
  const failure = { code: "NOT_RELEASED", device: handle.device, what, mend };
  port.err(json ? `${JSON.stringify({ failure })}\n` : `${handle.device}: ${what} — ${mend} (NOT_RELEASED)\n`);
}
