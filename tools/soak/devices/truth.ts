/** What really flowed: of most homes a function of the seed, of those under control what the street noted slot by slot. */
import { buildStreet, type SimulatorDescription } from "@micromarket/device-simulator";
import { instantMs, type DurationMs, type InstantMs } from "@micromarket/kernel";
import type { Lag } from "./lag.ts";
import type { HomeTruth } from "./settlement-judge.ts";
import type { Flaw, HomeFlow } from "./street-words.ts";

/** What the processes told while they ran. */
export interface Heard {
  readonly description: SimulatorDescription;
  readonly flows: readonly HomeFlow[];
  readonly flaws: readonly Flaw[];
  readonly streetLags: readonly Lag[];
  readonly gatewayLags: readonly Lag[];
}

/** Which street it was, and how late its flaky lines are; real milliseconds. */
export interface StreetFacts {
  readonly homes: number;
  readonly seed: number;
  readonly epoch: InstantMs;
  readonly slotLength: DurationMs;
  readonly faultLateMs: number;
  readonly lagEveryMs: number;
}

/** An answer is served, passed on by a gate or a broker, and read: what each step takes on an idle machine. */
const HOPS_MS = 20;
/** Each process is passed twice at most. */
const PASSES = 2;
const HOUR_MS = 3_600_000;

/** The truth of each home. Throws, once it is asked, where the street did not tell what flowed. */
export function truthsOf(facts: StreetFacts, heard: Heard): ReadonlyMap<string, HomeTruth> {
  const slotMs: number = facts.slotLength;
  const street = buildStreet(facts);
  const controlled = new Set((heard.description.controlled ?? []).map(({ home }) => home));
  const noted = notedFlows(facts, heard.flows);
  return new Map(
    street.homes.map((home) => {
      const lateMsAt = latenessOf(facts, heard, home);
      if (controlled.has(home)) return [home, { ...noted(home), lateMsAt }];
      const countersAt = (borderMs: number) => street.read(home, "grid", instantMs(borderMs));
      const powersIn = (startMs: number) => {
        if (startMs < facts.epoch) return { leastW: 0, mostW: 0 };
        const [from, until] = [startMs, startMs + slotMs].map(countersAt);
        const net = (of = { imported: 0, exported: 0 }): number => of.imported - of.exported;
        const power = ((net(until) - net(from)) * HOUR_MS) / slotMs;
        return { leastW: power, mostW: power };
      };
      return [home, { countersAt, powersIn, lateMsAt }];
    }),
  );
}

function notedFlows({ epoch, slotLength }: StreetFacts, flows: readonly HomeFlow[]) {
  const byEnd = new Map(flows.map((flow) => [`${flow.home} ${flow.endMs}`, flow]));
  return (home: string): Pick<HomeTruth, "countersAt" | "powersIn"> => {
    const at = (endMs: number): Omit<HomeFlow, "home" | "endMs"> => {
      if (endMs <= epoch) return { imported: 0, exported: 0, leastW: 0, mostW: 0 };
      const flow = byEnd.get(`${home} ${endMs}`);
      if (flow === undefined) throw new Error(`the street did not tell what ${home} drew until ${endMs}`);
      return flow;
    };
    return { countersAt: at, powersIn: (slotMs) => at(slotMs + slotLength) };
  };
}

/**
 * How long a sample near a border may have been on its way: what both processes were late by meanwhile and, over MQTT, where a
 * message is late with what was true before, by the fault. A Modbus answer that is late is a late look.
 */
function latenessOf(facts: StreetFacts, { description, flaws, streetLags, gatewayLags }: Heard, home: string) {
  const { epoch, anchor, speed } = description.clock;
  const slotMs: number = facts.slotLength;
  const halfMs = slotMs / speed / 2;
  const meter = description.devices.find((device) => device.home === home && device.place === "grid");
  const late = flaws.filter(({ device, kind }) => meter?.link === "mqtt" && device === meter.id && kind === "late");
  return (borderMs: number): number => {
    const at = Date.parse(anchor) + (borderMs - Date.parse(epoch)) / speed;
    const longest = (lags: readonly Lag[]): number =>
      Math.max(
        0,
        ...lags.filter((lag) => lag.at >= at - halfMs && lag.at <= at + halfMs + facts.lagEveryMs).map(({ ms }) => ms),
      );
    const isLate = late.some((flaw) => flaw.at >= at - halfMs - facts.faultLateMs && flaw.at <= at + halfMs);
    return HOPS_MS + PASSES * (longest(streetLags) + longest(gatewayLags)) + (isLate ? facts.faultLateMs : 0);
  };
}
