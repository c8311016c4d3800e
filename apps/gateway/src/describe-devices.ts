/**
 * What the page shows of devices besides their readings: what their profiles say, what their links count, what is wrong and
 * what to keep in mind. It changes slowly, so it is told every few seconds and not at each poll.
 */
import type { DeviceDescription, DeviceProfile, ReadModel } from "@micromarket/api-http";
import type { ProfileHead } from "@micromarket/device-profiles";
import { counterVerdicts } from "./counter-verdict.ts";
import type { DeviceLinks } from "./device-links.ts";
import { settlingCounters } from "./counter-facts.ts";
import type { DeviceTrouble } from "./device-trouble.ts";
import type { DeviceWatch } from "./device-watch.ts";
import { meterSpec, type DeviceConfig, type GatewayConfig } from "./gateway-config.ts";
import type { MachineTime } from "./machine-time.ts";
import type { MeterBoard } from "./meter-board.ts";

/** Real time between two rounds. */
const EVERY_MS = 5_000;

/** Where descriptions come from, and where they go. */
export interface DescriberParts {
  readonly config: GatewayConfig;
  readonly links: DeviceLinks;
  readonly watch: Pick<DeviceWatch, "troubleOf">;
  readonly meters: Pick<MeterBoard, "doubtOf" | "flagOf">;
  readonly model: Pick<ReadModel, "describeDevice">;
  readonly time: MachineTime;
}

/** Describes all devices now and every few seconds, until the function that is returned is called. */
export function describeDevices(parts: DescriberParts): () => void {
  const { config, links, watch, meters, model, time } = parts;
  const lasting = lastingFlags(config);
  const sources = new Map(links.sources.map((source) => [source.device, source]));
  for (const device of config.devices) model.describeDevice(device.id, { profile: profileOf(device) });
  const describe = ({ id }: DeviceConfig): Partial<DeviceDescription> => {
    const source = sources.get(id);
    const trouble = watch.troubleOf(id) ?? source?.trouble?.() ?? meters.doubtOf(id);
    const flag = meters.flagOf(id);
    const flags = new Set([...(lasting.get(id) ?? []), ...(flag === null ? [] : [flag])]);
    return { link: source?.metrics?.() ?? null, trouble: textOf(trouble), flags: [...flags] };
  };
  let cancel = (): void => undefined;
  const round = (): void => {
    for (const device of config.devices) model.describeDevice(device.id, describe(device));
    cancel = time.after(EVERY_MS, round);
  };
  round();
  return () => cancel();
}

/** The profile's head, whatever the device speaks. */
export function headOf(device: DeviceConfig): ProfileHead {
  return device.link === "mqtt" ? device.profile : device.profile.head;
}

function profileOf(device: DeviceConfig): DeviceProfile {
  const { name, version, kind, vendor, verified, requirements, caveats } = headOf(device);
  return { name, version, kind, vendor, verified, requirements, caveats };
}

/** What is known before the first answer. */
function lastingFlags(config: GatewayConfig): ReadonlyMap<string, readonly string[]> {
  const verdicts = new Map(counterVerdicts(config).map(({ device, kind }) => [device, kind]));
  return new Map(
    config.devices.map((device) => {
      const facts = [...settlingCounters(meterSpec(device)).values()].map((counter) => counter.facts);
      return [
        device.id,
        [
          ...(verdicts.get(device.id) === "estimated" ? ["estimated"] : []),
          ...(facts.some(({ balance }) => balance === "per-phase") ? ["per-phase"] : []),
        ],
      ];
    }),
  );
}

function textOf(trouble: DeviceTrouble | null): string | null {
  return trouble === null ? null : `${trouble.what}; ${trouble.mend}`;
}
