/** `micromarket device release`: gives back what a command, or a gateway, that crashed left in a device. */
import { CAPABILITIES, resumeController, type Capability } from "@micromarket/control";
import type { ControlMemory, DeviceHandle } from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { controlOf } from "../device/choose-control.ts";
import { lockComplaint, memoryPath, takeControl, type ControlOptions } from "../device/control-place.ts";
import { findDevice, type ChosenDevice } from "../device/find-device.ts";
import { Holder } from "../device/hold-value.ts";
import { humanValue } from "../device/human-value.ts";
import { SECOND_MS, useDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchStopSignals } from "../stop-signals.ts";
import { reportHeld } from "./device-set.ts";

/** Options of `micromarket device release`. */
export interface DeviceReleaseOptions extends DeviceOptions, ControlOptions {
  readonly confirm?: boolean;
}

/** Without `--confirm` only says what is held. Exit 1 where the device did not take it back. */
export async function deviceRelease(
  name: string | null,
  options: DeviceReleaseOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false, confirm = false, quiet = false } = options;
  const found = findDevice(name, options);
  if (!found.ok) return refuse(found.error, json, port);
  const right = takeControl(found.value, options);
  if (!right.ok) return refuse([right.error], json, port);
  try {
    const held = CAPABILITIES.filter((capability) => foundValue(found.value, capability, right.value.memory) !== null);
    if (held.length === 0 && !json && !quiet) port.out("nothing of it is held\n");
    if (!confirm) return tellHeld(found.value, held, right.value.memory, json, port);
    const locks = held
      .map((capability) => lockComplaint(found.value, capability, options))
      .filter((each) => each !== null);
    if (locks.length > 0) return refuse(locks, json, port);
    if (held.length === 0) return EXIT_CODE.ok;
    const opening = { timeoutMs: options.timeout * SECOND_MS, isWritable: true };
    return await useDevice(found.value, opening, async (handle, chosen) => {
      await Promise.all(held.map((capability) => handle.heard(options.timeout * SECOND_MS, capability)));
      return giveBack(handle, chosen, held, right.value.memory, json, port);
    });
  } finally {
    right.value.release();
  }
}

/** `null`: nothing of it is held. */
function foundValue(chosen: ChosenDevice, capability: Capability, memory: ControlMemory): number | null {
  const text = memory.recall(memoryPath(chosen, capability));
  const resumed = text === null ? null : resumeController(text);
  return resumed?.ok === true ? (resumed.value.hold?.foundValue ?? null) : null;
}

function tellHeld(
  chosen: ChosenDevice,
  held: readonly Capability[],
  memory: ControlMemory,
  json: boolean,
  port: ConsolePort,
): ExitCode {
  const rows = held.map((capability) => ({ capability, found: foundValue(chosen, capability, memory) }));
  if (json) port.out(`${JSON.stringify({ device: chosen.device.id, held: rows }, null, 2)}\n`);
  for (const { capability, found } of json ? [] : rows) {
    const before = found === null ? "?" : humanValue(capability, found);
    port.out(`${capability}: ${before} was found, and would be put back; add --confirm\n`);
  }
  return EXIT_CODE.ok;
}

async function giveBack(
  handle: DeviceHandle,
  chosen: ChosenDevice,
  held: readonly Capability[],
  memory: ControlMemory,
  json: boolean,
  port: ConsolePort,
): Promise<ExitCode> {
  const signals = watchStopSignals();
  try {
    let isReleased = true;
    for (const capability of held) {
      const control = controlOf(handle, capability);
      if (!control.ok) return refuse([control.error], json, port);
      const path = memoryPath(chosen, capability);
      const holder = new Holder({ control: control.value, path, memory, json, port, signals });
      isReleased = (await holder.release("a command gives it back")) && isReleased;
    }
    if (!isReleased) reportHeld(handle, json, port);
    return isReleased ? EXIT_CODE.ok : EXIT_CODE.failed;
  } finally {
    signals.close();
  }
}
