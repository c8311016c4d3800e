/** Whether the faults were real on both kinds of links, and devices were told something, obeyed, and were given back. */
import type { SimulatorDescription } from "@micromarket/device-simulator";
import type { LogLine } from "./evidence.ts";
import type { Flaw, PartFlow } from "./street-words.ts";

/** What tells of it. */
export interface ControlEvidence {
  readonly description: Pick<SimulatorDescription, "devices" | "controlled">;
  /** The gateway's metrics at the end of the day. */
  readonly metrics: string;
  /** What flowed in each part of the homes under control. */
  readonly parts: readonly PartFlow[];
  readonly flaws: readonly Flaw[];
  readonly log: readonly LogLine[];
  /** Whether chargers can be told anything. */
  readonly isMqttTold: boolean;
}

/** What was found. */
export interface ControlVerdict {
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

const LINKS = ["modbus", "mqtt"] as const;
const KINDS = ["late", "lost", "reset"] as const;
const WRITES = /^micromarket_control_writes_total\{capability="(\w+)",outcome="(\w+)"\} (\d+)$/gm;
const ENDS = new Set(["TAKEN", "RELEASED", "REVERTED", "RELEASE_FAILED"]);

/** Judges it; what comes to pass in the course of a day only is asked of whole days. */
export function judgeControls(evidence: ControlEvidence, isWholeDay: boolean): ControlVerdict {
  const struck = struckBy(evidence);
  const writes = Array.from(evidence.metrics.matchAll(WRITES), ([, capability = "", outcome = "", count = ""]) => {
    return { capability, outcome, count: Number(count) };
  });
  const flowOf = (part: string): number =>
    evidence.parts.filter((one) => one.part === part).reduce((sum, { inWh, outWh }) => sum + inWh + outWh, 0);
  const [batteryWh, chargerWh] = [flowOf("battery"), flowOf("charger")];
  const hasInverter = evidence.description.controlled?.some(({ kind }) => kind === "inverter") ?? false;
  const wanted = [
    "setpoint_power_w",
    ...(hasInverter ? ["limit_generation_w"] : []),
    ...(evidence.isMqttTold ? ["evse_current_ma"] : []),
  ].filter(
    (capability) => !writes.some((one) => one.capability === capability && one.outcome === "verified" && one.count > 0),
  );
  const ofDay = [
    ...struck.flatMap(({ link, counts }) =>
      KINDS.filter((kind) => counts[kind] === 0).map((kind) => `no reply was ${kind} over ${link}`),
    ),
    ...wanted.map((capability) => `nothing was told to any device by ${capability}`),
    ...(batteryWh === 0 ? ["no battery moved"] : []),
    ...(chargerWh === 0 ? ["no car was charged"] : []),
  ];
  return {
    faults: [...heldStill(evidence.log), ...(isWholeDay ? ofDay : [])],
    figures: {
      ...Object.fromEntries(
        struck.map(({ link, counts }) => [`${link}Faults`, KINDS.map((kind) => `${counts[kind]} ${kind}`).join(", ")]),
      ),
      writes: writes.map(({ capability, outcome, count }) => `${capability} ${outcome} ${count}`).join(", "),
      releasesFailed: evidence.log.filter(({ code }) => code === "RELEASE_FAILED").length,
      ...{ batteryWh, chargerWh },
    },
  };
}

function struckBy({ description, flaws }: ControlEvidence) {
  const { devices, controlled = [] } = description;
  const linkOf = new Map([...devices, ...controlled].map(({ id, link }) => [id, link]));
  return LINKS.map((link) => {
    const counts = { late: 0, lost: 0, reset: 0 };
    for (const { device, kind } of flaws) if (linkOf.get(device) === link) counts[kind] += 1;
    return { link, counts };
  });
}

/** Controls that were taken and neither given back nor told as not to be: a flaky line may swallow the last word, in the open. */
function heldStill(log: readonly LogLine[]): readonly string[] {
  const last = new Map<string, unknown>();
  for (const { device, capability, code } of log)
    if (ENDS.has(String(code))) last.set(`${String(device)} ${String(capability)}`, code);
  return [...last].filter(([, code]) => code === "TAKEN").map(([control]) => `${control} was not given back`);
}
