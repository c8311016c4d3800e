/** Opens a device for the length of a command, and closes it whatever happens. */
import { machineTime, openDevice, type DeviceHandle, type DeviceHandleOptions } from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { findDevice, type ChosenDevice, type DeviceWhere } from "./find-device.ts";

/** What all commands for one device take. */
export interface DeviceOptions extends DeviceWhere {
  /** Seconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const SECOND_MS = 1_000;

/** Runs `use` on the device that is meant; exit 3 where none is. */
export async function withDevice(
  name: string | null,
  options: DeviceOptions,
  port: ConsolePort,
  use: (handle: DeviceHandle, chosen: ChosenDevice) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found = findDevice(name, options);
  if (!found.ok) return refuse(found.error, options.json ?? false, port);
  return useDevice(found.value, { timeoutMs: options.timeout * SECOND_MS }, use);
}

/** Runs `use` on a device that was found. */
export async function useDevice(
  chosen: ChosenDevice,
  options: DeviceHandleOptions,
  use: (handle: DeviceHandle, chosen: ChosenDevice) => Promise<ExitCode>,
): Promise<ExitCode> {
  const handle = openDevice(chosen.device, machineTime, options);
  try {
    return await use(handle, chosen);
  } finally {
    await handle.close();
  }
}

/** Says that the device gives nothing, and why. */
export function reportSilence(handle: DeviceHandle, json: boolean, port: ConsolePort): ExitCode {
  const trouble = handle.trouble() ?? {
    what: "it gives none of its points",
    mend: "check that the profile is its own",
  };
  const complaint = { code: "DEVICE_SILENT", device: handle.device, place: handle.place, ...trouble };
  if (json) port.err(`${JSON.stringify({ failure: complaint })}\n`);
  else port.err(`${handle.device} at ${handle.place}: ${trouble.what} — ${trouble.mend} (DEVICE_SILENT)\n`);
  return EXIT_CODE.failed;
}
