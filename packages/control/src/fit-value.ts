/**
 * From a wish to a value that may be written: inside the range, on its steps, not forbidden, and never looser than a limit
 * that somebody else set.
 *
 * A limit has a strict side: less power, less current, more held back. A set-point has none; there the careful side is the
 * one nearer to 0.
 */
import type { Capability } from "./capability.ts";
import type { ControlRules } from "./control-rules.ts";

type StrictSide = "lower" | "higher" | "none";

const STRICT_SIDES: Readonly<Record<Capability, StrictSide>> = {
  limit_generation_ppm: "lower",
  limit_generation_w: "lower",
  limit_export_w: "lower",
  limit_import_w: "lower",
  setpoint_power_w: "none",
  storage_max_charge_w: "lower",
  storage_max_discharge_w: "lower",
  storage_reserve_ppm: "higher",
  storage_connect: "lower",
  evse_current_ma: "lower",
  evse_enable: "lower",
  evse_phases: "lower",
  switch: "none",
  sg_ready: "none",
  heat_setpoint_mc: "none",
};

/** Whether `value` allows more than `bound`, for a capability that limits; a set-point is never looser than another. */
export function isLooser(capability: Capability, value: number, bound: number): boolean {
  const side = STRICT_SIDES[capability];
  return side === "lower" ? value > bound : side === "higher" ? value < bound : false;
}

/** Whether the capability limits something, so that one of two values is the stricter. */
export function isLimit(capability: Capability): boolean {
  return STRICT_SIDES[capability] !== "none";
}

/** The stricter of a value and a bound; the value where there is no bound or no strict side. */
export function stricter(capability: Capability, value: number, bound: number | null): number {
  return bound !== null && isLooser(capability, value, bound) ? bound : value;
}

/**
 * What may be written for `wish`: of the values on the grid `min + n × step` the next one on the strict side, and beyond it
 * where that is forbidden; only where the strict side has none, the next on the loose side.
 *
 * @param wish any safe integer
 * @param bound the limit of somebody else; the result is never looser
 * @returns `null` where no value is allowed
 */
export function fitValue(rules: ControlRules, wish: number, bound: number | null): number | null {
  const { min, max, step } = rules.range;
  const within = Math.min(max, Math.max(min, stricter(rules.capability, wish, bound)));
  const steps = (within - min) / step;
  const goesUp = strictDirection(rules.capability, within) > 0;
  const first = goesUp ? Math.ceil(steps) : Math.floor(steps);
  const count = rules.forbid.length + 2; // one more than can be forbidden, and one for the grid's last cut step
  const offsets = Array.from({ length: count }, (_, index) => (goesUp ? index : -index));
  const candidates = [...offsets, ...offsets.map((offset) => -offset)].map((offset) => min + (first + offset) * step);
  const allowed = candidates.find((value) => isAllowed(rules, value, bound));
  return allowed === undefined ? null : allowed === 0 ? 0 : allowed;
}

function isAllowed(rules: ControlRules, value: number, bound: number | null): boolean {
  const { min, max } = rules.range;
  if (value < min || value > max || rules.forbid.includes(value)) return false;
  return bound === null || !isLooser(rules.capability, value, bound);
}

function strictDirection(capability: Capability, value: number): number {
  const side = STRICT_SIDES[capability];
  if (side !== "none") return side === "higher" ? 1 : -1;
  return value < 0 ? 1 : -1;
}

/**
 * Whether the change from `held` to `target` lies inside the dead-band and waits for a larger one. To stop and to turn from
 * one sign to the other are never too small: a battery that is told 0 must not go on with what it was told before.
 */
export function isTooSmall({ deadband }: ControlRules, target: number, held: number): boolean {
  const isStopOrTurn = target === 0 || Math.sign(target) === -Math.sign(held);
  return !isStopOrTurn && Math.abs(target - held) < deadband;
}
