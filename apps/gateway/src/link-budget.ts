/** Whether the devices behind one address can be asked as often as the file says; a bus asked for too much is late for ever. */
import { complain } from "@micromarket/data-files";
import { timeBudget } from "@micromarket/link-modbus";
import type { GatewayReading } from "./clock-section.ts";
import type { DeviceConfig, ModbusDeviceConfig } from "./gateway-config.ts";
import { lineOf } from "./link-section.ts";

/** Complains, at the first device of each link whose questions take more time than there is. */
export function checkLinkBudgets(reading: GatewayReading, devices: readonly DeviceConfig[]): void {
  const links = new Map<string, ModbusDeviceConfig[]>();
  for (const device of devices) {
    if (device.link !== "modbus") continue;
    const link = lineOf(device.target);
    links.set(link, [...(links.get(link) ?? []), device]);
  }
  for (const group of links.values()) {
    const { complaint } = timeBudget({
      baud: baudOf(group),
      devices: group.map(({ id, profile, poll }) => ({ device: id, profile, pollMs: poll })),
    });
    const index = reading.file.devices.findIndex(({ id }) => id === group[0]?.id);
    if (complaint !== null) complain(reading, ["devices", index, "modbus"], { code: "POLL_OVERLOAD", ...complaint });
  }
}

/** Of the line behind the address: what the file says, else what the devices leave the factory with; the slowest counts. */
function baudOf(group: readonly ModbusDeviceConfig[]): number | null {
  const speeds = group.flatMap(
    ({ target, profile }) => target.baudRate ?? (target.framing === "tcp" ? null : profile.baud) ?? [],
  );
  return speeds.length === 0 ? null : Math.min(...speeds);
}
