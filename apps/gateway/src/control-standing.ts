/** Which controls a file opens, and which lock keeps the others closed: said before the gateway runs. */
import type { Capability } from "@micromarket/control";
import { capabilitiesOf, type GatewayConfig } from "./gateway-config.ts";

/** One thing that a device could be told. */
export interface ControlStanding {
  readonly device: string;
  readonly capability: Capability;
  /** The first lock of the file that keeps it closed; `null`: only the program's is left, `--allow-control`. */
  readonly closedBy: "site" | "control" | null;
}

/** All that the profiles know how to tell, device by device. */
export function controlStandings(
  config: Pick<GatewayConfig, "devices" | "isControlEnabled">,
): readonly ControlStanding[] {
  return config.devices.flatMap((device) =>
    capabilitiesOf(device).map((capability): ControlStanding => {
      const lock = device.control.includes(capability) ? null : "control";
      return { device: device.id, capability, closedBy: config.isControlEnabled ? lock : "site" };
    }),
  );
}
