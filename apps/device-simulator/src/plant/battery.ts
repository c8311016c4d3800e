/**
 * A battery behind its inverter: follows what it is told, or its own rule, by a ramp, as far as its content allows.
 *
 * Without anybody's word it stands still; with the rule "self-consumption" it takes what the home would export and gives what
 * it would import.
 */
import { flowCounter } from "./energy.ts";
import type { Decision, PlantMember, Surroundings } from "./plant-member.ts";
import { storageCell, type StorageCell, type StorageSpec } from "./storage-cell.ts";

/** What a battery does when nobody tells it anything. */
export type BatteryRule = "idle" | "self-consumption";

/** What the registers in front of a battery make of its own rule's wish; load convention. */
export interface StorageCommand {
  powerFor(wishW: number): number;
  readonly reservePercent: number;
  /** Whether it may charge beyond what the PV gives. */
  readonly mayChargeFromGrid: boolean;
  timerAt(): number;
  expire(realMs: number): void;
}

/** A battery among a home's members. */
export interface Battery extends PlantMember {
  readonly spec: StorageSpec;
  readonly cell: StorageCell;
}

/** A ramp's step, in virtual time: full power in three of them. */
const RAMP_MS = 1_000;
const RAMP_STEPS = 3;

/** A battery under `command`. */
export function battery(spec: StorageSpec, rule: BatteryRule, command: StorageCommand): Battery {
  const cell = storageCell(spec);
  const counter = flowCounter();
  const rampW = Math.ceil(Math.max(spec.chargeW, spec.dischargeW) / RAMP_STEPS);
  let power = 0;
  let nextRampAt = 0;

  function target({ pvW, netW }: Surroundings): number {
    const wished = command.powerFor(rule === "idle" ? 0 : 0 - netW);
    const chargeMax = command.mayChargeFromGrid ? spec.chargeW : Math.min(spec.chargeW, -pvW);
    const allowed = Math.min(chargeMax, Math.max(-spec.dischargeW, wished));
    return cell.longestMs(allowed, command.reservePercent) === 0 ? 0 : allowed;
  }

  function decide(surroundings: Surroundings): Decision {
    const goal = target(surroundings);
    const { atMs } = surroundings;
    if (power !== goal && atMs >= nextRampAt) {
      power = approach(power, goal, rampW);
      nextRampAt = atMs + RAMP_MS;
    }
    if (cell.longestMs(power, command.reservePercent) === 0) power = 0;
    const rampsFor = power === goal ? Infinity : nextRampAt - atMs;
    return { powerW: power, forMs: Math.min(rampsFor, cell.longestMs(power, command.reservePercent)) };
  }

  return {
    name: "battery",
    spec,
    cell,
    counter,
    get powerW() {
      return power;
    },
    decide,
    run: (powerW, ms) => {
      cell.run(powerW, ms);
      counter.add(powerW, ms);
    },
    timerAt: () => command.timerAt(),
    expire: (realMs) => {
      command.expire(realMs);
    },
    keep: () => ({ stored: cell.keep(), power, nextRampAt }),
    recall: (state) => {
      if (state["stored"] !== undefined) cell.recall(state["stored"]);
      power = state["power"] ?? 0;
      nextRampAt = state["nextRampAt"] ?? 0;
    },
  };
}

function approach(from: number, goal: number, stepW: number): number {
  return from < goal ? Math.min(goal, from + stepW) : Math.max(goal, from - stepW);
}
