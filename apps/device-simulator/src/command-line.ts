/** What the command takes, read and checked. */
import { parseArgs } from "node:util";
import {
  durationMs,
  fail,
  instantMs,
  isSlotStart,
  MINUTE,
  ok,
  parseInstant,
  times,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import { HOMES_MAX } from "./device-list.ts";
import { CONTROLLED_HOMES_MAX } from "./controlled-devices.ts";
import type { BatteryRule } from "./plant/battery.ts";
import { DEFAULT_SPEED, type SimulatorOptions } from "./simulator.ts";

/** What a valid command line asks for. */
export interface CommandLine {
  readonly simulator: SimulatorOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: device-simulator [options]

Simulated meters and devices of a street behind real Modbus TCP and MQTT sockets, on an accelerated clock.

  --homes N          homes, 1 to ${HOMES_MAX} (default 8); odd ones speak Modbus, even ones MQTT
  --batteries N      batteries behind SunSpec inverters, in the first N homes (default 0)
  --inverters N      SunSpec PV inverters, in the first N homes that have PV (default 0)
  --chargers N       go-e chargers, in the first N homes (default 0)
  --plugs N          heaters behind Tasmota plugs, in the first N homes (default 0)
  --battery-rule R   what a battery does when nobody tells it anything: idle (default) or self-consumption
  --seed N           seed of the street (default 1)
  --speed X          virtual seconds per real second (default ${DEFAULT_SPEED})
  --epoch INSTANT    virtual time at which all counters stood at zero, a quarter hour (default 2026-06-01T04:00Z)
  --anchor INSTANT   real time at which virtual time is the epoch; the same one again goes on (default now)
  --host HOST        where to listen (default 127.0.0.1)
  --modbus-port N    0 takes a free one (default 0)
  --sunspec-port N   of the SunSpec devices; 0 takes a free one (default 0)
  --mqtt-port N      of the embedded broker; 0 takes a free one (default 0)
  --publish-every MS real milliseconds between two publications over MQTT (default 1000)
  --broker URL       publish to this broker instead, e.g. mqtt://127.0.0.1:1883
  --json             print the device list and answers as JSON lines
  --quiet            print nothing
  --help             print this

Faults are asked for on standard input, one JSON object a line (with "home" or "device", or neither for all):
  {"fault":"silent","home":"home-3"}       {"fault":"late","home":"home-3","ms":3000}
  {"fault":"reset"}                        {"fault":"wrong-value","kind":"not-a-number"|"all-zero"|"implausible"}
  {"fault":"clock-jump","ms":3600000}      {"fault":"refuses-writes","code":4}
  {"fault":"ignores-writes"}               {"fault":"foreign-limit","device":"home-1-battery","percent":30}
  {"fault":"local-control"}                {"fault":"reverts-early","ms":1000}
  {"fault":"flaky","percent":1,"kinds":["late","lost","reset"],"ms":3000}
  {"fault":"clear"}
`;

const OPTIONS = {
  homes: { type: "string", default: "8" },
  batteries: { type: "string", default: "0" },
  inverters: { type: "string", default: "0" },
  chargers: { type: "string", default: "0" },
  plugs: { type: "string", default: "0" },
  "battery-rule": { type: "string", default: "idle" },
  seed: { type: "string", default: "1" },
  speed: { type: "string", default: String(DEFAULT_SPEED) },
  epoch: { type: "string" },
  anchor: { type: "string" },
  host: { type: "string", default: "127.0.0.1" },
  "modbus-port": { type: "string", default: "0" },
  "sunspec-port": { type: "string", default: "0" },
  "mqtt-port": { type: "string", default: "0" },
  "publish-every": { type: "string", default: "1000" },
  broker: { type: "string" },
  json: { type: "boolean", default: false },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const SPEED_MAX = 100_000;
const PORT_MAX = 65_535;
const PUBLISH_MS_MAX = 3_600_000;
/** Thrown and caught in this file: the ladder of checks ends at the first mistake. */
class Mistake extends Error {}

/** Reads `words`; the failure is a sentence for the user. */
export function parseCommandLine(words: readonly string[]): Result<CommandLine, string> {
  try {
    const { values } = parseArgs({ args: [...words], options: OPTIONS });
    const { json, quiet, help, host, broker, epoch, anchor } = values;
    const simulator: SimulatorOptions = {
      homes: integer("--homes", values.homes, 1, HOMES_MAX),
      batteries: integer("--batteries", values.batteries, 0, CONTROLLED_HOMES_MAX),
      inverters: integer("--inverters", values.inverters, 0, CONTROLLED_HOMES_MAX),
      chargers: integer("--chargers", values.chargers, 0, HOMES_MAX),
      plugs: integer("--plugs", values.plugs, 0, HOMES_MAX),
      batteryRule: ruleOf(values["battery-rule"]),
      sunspecPort: integer("--sunspec-port", values["sunspec-port"], 0, PORT_MAX),
      seed: integer("--seed", values.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      speed: speedOf(values.speed),
      ...(epoch !== undefined && { epoch: epochOf(epoch) }),
      ...(anchor !== undefined && { anchor: instant("--anchor", anchor) }),
      host,
      modbusPort: integer("--modbus-port", values["modbus-port"], 0, PORT_MAX),
      mqttPort: integer("--mqtt-port", values["mqtt-port"], 0, PORT_MAX),
      publishEvery: durationMs(integer("--publish-every", values["publish-every"], 1, PUBLISH_MS_MAX)),
      ...(broker !== undefined && { broker: brokerOf(broker) }),
    };
    return ok({ simulator, json, quiet, help });
  } catch (error) {
    if (error instanceof Mistake || isParseArgsError(error)) return fail(error.message);
    throw error;
  }
}

function isParseArgsError(error: unknown): error is Error {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}

function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Mistake(`${name} takes an integer from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && speed > 0 && speed <= SPEED_MAX) return speed;
  throw new Mistake(`--speed takes a positive number up to ${SPEED_MAX}, not ${JSON.stringify(text)}.`);
}

function ruleOf(text: string): BatteryRule {
  if (text === "idle" || text === "self-consumption") return text;
  throw new Mistake(`--battery-rule takes idle or self-consumption, not ${JSON.stringify(text)}.`);
}

function instant(name: string, text: string): InstantMs {
  const parsed = parseInstant(text);
  if (parsed.ok) return instantMs(parsed.value);
  throw new Mistake(`${name} takes an instant such as 2026-06-01T04:00Z, not ${JSON.stringify(text)}.`);
}

function epochOf(text: string): InstantMs {
  const epoch = instant("--epoch", text);
  if (isSlotStart(epoch, times(MINUTE, 15))) return epoch;
  throw new Mistake(`--epoch takes the start of a quarter hour, not ${JSON.stringify(text)}.`);
}

function brokerOf(text: string): string {
  if (/^mqtts?:\/\/./.test(text) && URL.canParse(text)) return text;
  throw new Mistake(`--broker takes a URL such as mqtt://127.0.0.1:1883, not ${JSON.stringify(text)}.`);
}
