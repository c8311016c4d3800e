/** `micromarket device read`: all that a device says, once. */
import type { ConsolePort } from "../console-port.ts";
import { deviceRecord, deviceText } from "../device/readings-text.ts";
import { reportSilence, SECOND_MS, withDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";

/** Exit 1 where the device gives none of its points. */
export function deviceRead(name: string | null, options: DeviceOptions, port: ConsolePort): Promise<ExitCode> {
  const { json = false } = options;
  return withDevice(name, options, port, async (handle) => {
    await handle.heard(options.timeout * SECOND_MS);
    const readings = await handle.read();
    const isSilent = readings.readings.every(({ value }) => value.kind === "missing");
    if (json) port.out(`${JSON.stringify(deviceRecord(handle, readings), null, 2)}\n`);
    else port.out(deviceText(handle, readings));
    return isSilent ? reportSilence(handle, json, port) : EXIT_CODE.ok;
  });
}
