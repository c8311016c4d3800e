/** The states of SunSpec's devices as `OPERATING_STATES`. */
import { OPERATING_STATES } from "@micromarket/assets";
import { measured, missing, type Measurement } from "@micromarket/kernel";
import type { PointReference } from "./sunspec-models.ts";

type State = (typeof OPERATING_STATES)[number];

/** 10x and 11x `St` (from 1): off, sleeping, starting, tracking, throttled, shutting down, fault, standby. */
const INVERTER: readonly State[] = ["off", "standby", "standby", "running", "limited", "standby", "fault", "standby"];
/** 802 `ChaSt` and 124 `ChaSt` (from 1): off, empty, discharging, charging, full, holding, testing. */
const CHARGE: readonly State[] = ["off", "standby", "running", "running", "standby", "standby", "running"];

/** By model and point: the first number, and the states from it on. */
const STATES: ReadonlyMap<string, readonly [number, readonly State[]]> = new Map([
  ...[101, 102, 103, 111, 112, 113].map((model): [string, [number, readonly State[]]] => [
    `${model}:St`,
    [1, INVERTER],
  ]),
  ["701:InvSt", [0, INVERTER]],
  ["701:St", [0, ["off", "running"]]],
  ["802:ChaSt", [1, CHARGE]],
  ["124:ChaSt", [1, CHARGE]],
]);

/** Whether the numbers of that point have a meaning here. */
export function isState({ model, place }: PointReference): boolean {
  return STATES.has(`${model}:${place.name}`);
}

/** What a raw number of that point means. */
export function operatingState({ model, place }: PointReference, raw: Measurement<number>): Measurement<number> {
  const [first, states] = STATES.get(`${model}:${place.name}`) ?? [0, []];
  if (raw.kind === "missing") return raw;
  const state = states[raw.value - first];
  return state === undefined ? missing("out-of-range") : measured(OPERATING_STATES.indexOf(state));
}
