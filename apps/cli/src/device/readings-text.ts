/** What a device says, as a table and as data. */
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";
import type { DeviceHandle } from "@micromarket/gateway";
import { formatInstant, type MissingReason } from "@micromarket/kernel";
import { humanValue } from "./human-value.ts";

const REASONS: Readonly<Record<MissingReason, string>> = {
  gap: "a gap",
  "not-a-number": "no number",
  "out-of-range": "no plausible value",
  stale: "too old",
  "device-silent": "no answer",
  "not-reported": "not there",
  "not-provided": "not provided",
};

/** Columns padded to one width each; `null` where a row ends early. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** One value in words: `230.1 V`, or `— no answer (device-silent)`; of what the device has no place for: `not provided`. */
export function valueText({ point, value }: Reading): string {
  if (value.kind === "value") return humanValue(point, value.value);
  const words = REASONS[value.reason];
  return value.reason === "not-provided" ? words : `— ${words} (${value.reason})`;
}

/** How a counter counts, in words. */
export function counterText({ resolutionWh, widthBits, wrapsAtWh, resets, balance }: CounterFacts): string {
  return [
    `steps of ${resolutionWh} Wh`,
    ...(widthBits === null ? [] : [`${widthBits} bits`]),
    ...(wrapsAtWh === null ? [] : [`starts again at ${humanValue("imported_wh", wrapsAtWh)}`]),
    `resets ${resets}`,
    `phases ${balance === "vector" ? "netted" : balance === "per-phase" ? "one by one" : "unknown"}`,
  ].join(", ");
}

/** Everything about a device that was read once. */
export function deviceText(handle: DeviceHandle, { readings }: DeviceReadings): string {
  const identity = handle.identity();
  const counters = handle.counters();
  const rows = readings.map((reading) => {
    const facts = counters.get(reading.point);
    return [`  ${reading.point}`, valueText(reading), facts === undefined ? "" : counterText(facts)];
  });
  const who = identity === null ? [] : [["identity", identityText(identity)]];
  const { name, version, verified } = handle.head;
  const heads = [
    ["device", `${handle.device} at ${handle.place}`],
    ["profile", `${name} ${version}, verified: ${verified}`],
    ...who,
    ["can be told", handle.capabilities.join(", ") || "nothing"],
  ];
  return `${table(heads)}\n${table(rows)}`;
}

function identityText({
  manufacturer,
  model,
  version,
  serial,
}: NonNullable<ReturnType<DeviceHandle["identity"]>>): string {
  return [manufacturer, model, `version ${version}`, `serial ${serial}`].join(", ");
}

/** The same as data; values are integers in the unit of their name. */
export function deviceRecord(handle: DeviceHandle, { readings }: DeviceReadings): Record<string, unknown> {
  const counters: [PointName, CounterFacts][] = [...handle.counters()];
  return {
    device: handle.device,
    place: handle.place,
    profile: handle.head.name,
    profileVersion: handle.head.version,
    verified: handle.head.verified,
    identity: handle.identity(),
    capabilities: handle.capabilities,
    readings: readings.map(readingRecord),
    counters: Object.fromEntries(counters),
    trouble: handle.trouble(),
  };
}

/** One reading as data. */
export function readingRecord({ point, value, at }: Reading): Record<string, unknown> {
  const told = value.kind === "value" ? { value: value.value } : { value: null, missing: value.reason };
  return { point, ...told, at: formatInstant(at) };
}
