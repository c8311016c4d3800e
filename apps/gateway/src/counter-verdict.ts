/**
 * Whether a meter's counters are good enough to settle by, and with which reservations: told before the market runs.
 *
 * A slot's energy is known to one step of the counter. That may be 2 % of what 2 kW come to in the slot, of a home; the
 * meter at the tie sees all homes. A coarser counter is read between its steps by the power beside it, and its readings are
 * marked as estimates; where there is no power, or it comes too seldom, the meter is refused. So is one that turns back and is
 * too coarse, and one that lacks a counter: unless the operator says that nothing is exported, or wants its power added up.
 */
import type { InputProblem } from "@micromarket/kernel";
import { settledBy, settlingCounters, stepAt, type MeterSpec, type PairName } from "./counter-facts.ts";
import { meterSpec, type GatewayConfig } from "./gateway-config.ts";
import { STEPS_OF_ERROR, stretchMaxMs } from "./power-meter.ts";

/** How one meter settles. */
export interface CounterVerdict {
  readonly device: string;
  /** `refused` is never in a configuration that was read. */
  readonly kind: "counted" | "estimated" | "refused";
  /** In words, with the arithmetic. */
  readonly what: string;
  /** What the operator should know or do; empty where nothing stands against it. */
  readonly caveats: readonly string[];
}

type Complaint = Pick<InputProblem, "code" | "what" | "mend">;

/** A home's power of which the error is counted, W: an oven, or a small plant. */
const REFERENCE_W = 2_000;
const ERROR_PERCENT_MAX = 2;
const [HOUR_MS, MINUTE_MS, SECOND_MS] = [3_600_000, 60_000, 1_000];

/** The coarsest step that needs no estimate, Wh, of a meter that sees `homes` homes. */
export function toleratedStepWh(slotMs: number, homes: number): number {
  return (referenceWh(slotMs, homes) * ERROR_PERCENT_MAX) / 100;
}

/** Judges a meter's counters in slots of `slotMs`. */
export function judgeCounters(device: string, spec: MeterSpec, slotMs: number, homes: number): CounterVerdict {
  const caveats = caveatsOf(spec);
  const kind = settledBy(spec);
  if (kind === "power") return { device, kind: "estimated", what: byPower(slotMs, homes), caveats };
  const steps = [...settlingCounters(spec).values()].map((counter) => stepAt(counter, 0));
  const step = Math.max(0, ...steps);
  const what = arithmetic(step, slotMs, homes);
  if (step <= toleratedStepWh(slotMs, homes)) return { device, kind: "counted", what, caveats };
  if (kind === "net") {
    const why = "a counter that turns back is not read between its steps";
    return { device, kind: "refused", what: `${what}; ${why}`, caveats };
  }
  const longestMs = slotMs / 2;
  const { powerMaxAgeMs } = spec;
  if (powerMaxAgeMs !== null && powerMaxAgeMs <= longestMs) {
    const how = `${what}; between its steps it is read by power, and its readings are marked as estimates`;
    return { device, kind: "estimated", what: how, caveats };
  }
  const why =
    powerMaxAgeMs === null
      ? "the profile has no power_w to read between its steps"
      : `power may be ${seconds(powerMaxAgeMs)} old, half a slot is ${seconds(longestMs)}`;
  return { device, kind: "refused", what: `${what}; ${why}`, caveats };
}

/** What the meter lacks to count `points`, and what can be done about it; `null`: nothing. */
export function lackOf(device: string, spec: MeterSpec, points: readonly PairName[]): Complaint | null {
  const hasPower = spec.powerMaxAgeMs !== null;
  const kind = settledBy(spec);
  if (kind === "power") {
    if (hasPower) return null;
    const what = `the profile of "${device}" has no power_w to add up (energy: by-power)`;
    return { code: "POWER_MISSING", what, mend: "take energy: by-power out, or use a device whose profile has it" };
  }
  // a plant that exports nothing is none
  const canState = points.length > 1;
  const isStated = (point: PairName): boolean => canState && point === "exported_wh" && spec.neverExports;
  const lacking = points.filter((point) => kind !== "net" && !spec.counters.has(point) && !isStated(point));
  const [first] = lacking;
  if (first === undefined) return null;
  const what = `the profile of "${device}" has no ${first}, which delivered energy is counted by`;
  const ways = [
    ...(canState && lacking.length === 1 && first === "exported_wh"
      ? [`where nothing behind it can export, write "exports: never" in the entry of "${device}"`]
      : []),
    ...(hasPower ? [`to have it estimated by its power, write "energy: by-power" in the entry of "${device}"`] : []),
    "use a device whose profile has it",
  ];
  return { code: "COUNTER_MISSING", what, mend: ways.join("; or ") };
}

/** Why a meter cannot settle; `null`: it can. */
export function coarsenessOf({ device, kind, what }: CounterVerdict): Complaint | null {
  if (kind !== "refused") return null;
  const mend = "use a meter with finer counters or with power in its profile, or longer slots";
  return { code: "COUNTER_TOO_COARSE", what: `"${device}" counts too coarsely: ${what}`, mend };
}

/** The verdicts on all meters that are settled by. */
export function counterVerdicts(
  config: Pick<GatewayConfig, "rules" | "homes" | "devices" | "tieMeter">,
): readonly CounterVerdict[] {
  const { rules, homes, devices, tieMeter } = config;
  const settling = new Set(homes.map(({ meter }) => meter));
  return devices
    .filter(({ id }) => settling.has(id) || id === tieMeter)
    .map((device) =>
      judgeCounters(device.id, meterSpec(device), rules.slotLength, device.id === tieMeter ? homes.length : 1),
    );
}

function referenceWh(slotMs: number, homes: number): number {
  return (REFERENCE_W * homes * slotMs) / HOUR_MS;
}

function arithmetic(step: number, slotMs: number, homes: number): string {
  const energy = referenceWh(slotMs, homes);
  const percent = (100 * step) / energy;
  const power = `${(REFERENCE_W * homes) / 1_000} kW`;
  const error = `an error of up to ${rounded(percent)} %`;
  return `${step} Wh steps; a slot of ${lengthText(slotMs)} at ${power} is ${rounded(energy)} Wh: ${error}`;
}

function byPower(slotMs: number, homes: number): string {
  const mostWh = STEPS_OF_ERROR * toleratedStepWh(slotMs, homes);
  const bound = "wrong by at most half of each change from sample to sample, and by what comes and goes between two";
  const gap = `a slot is a gap where that is more than ${rounded(mostWh)} Wh, or samples lie more than`;
  return `its power is added up (energy: by-power): ${bound}; ${gap} ${seconds(stretchMaxMs(slotMs))} apart`;
}

function seconds(ms: number): string {
  return `${Math.floor(ms / SECOND_MS)} s`;
}

function caveatsOf(spec: MeterSpec): readonly string[] {
  const { isAsIs, neverExports } = spec;
  const counters = settlingCounters(spec);
  const facts = [...counters.values()].map((counter) => counter.facts);
  const caveats: string[] = [];
  if (facts.some(({ balance }) => balance === "per-phase")) {
    caveats.push(
      "it counts each phase for itself: where phases flow against each other both counters run, and the utility's meter, " +
        "if it nets them, shows less of both; compare the two before settling by it",
    );
  }
  if (facts.some(({ resets }) => resets === "possible")) {
    caveats.push("its counters can be reset: the slot in which that happens is estimated");
  }
  if ([...counters.values()].some(({ isTold }) => isTold)) {
    caveats.push(
      "it says itself how finely it counts, once it is read: steps that are too coarse are told in the health",
    );
  }
  if (counters.has("net_wh")) {
    caveats.push(
      "it has one counter that turns back: what flows both ways within a slot is netted, as by the utility's meter",
    );
  }
  if (neverExports) caveats.push("it is said that nothing behind it exports (exports: never)");
  if (isAsIs) caveats.push("its direction is taken as confirmed (direction: as-is)");
  return caveats;
}

function lengthText(ms: number): string {
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min` : `${ms / SECOND_MS} s`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
