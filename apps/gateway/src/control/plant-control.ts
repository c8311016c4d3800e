/**
 * A plant that can be told to give less: what it might give, and what it is held to where nobody bought the rest.
 *
 * The market decides what leaves the home, not what its plant makes: what the home takes itself, and stores, the plant may
 * always give on top. So it follows the home's load, and no energy is bought while the plant rests.
 */
import { watts, type Measurement, type Slot, type WattHours, type Watts } from "@micromarket/kernel";
import type { DeviceBoard } from "./device-board.ts";
import type { Runners } from "./control-runner.ts";

/** What the market left of a plant's energy in a slot. */
export interface PlantPlan {
  /** The most that is to leave the home: what it sold. */
  readonly surplus: WattHours;
  /** What the plant was expected to give. */
  readonly expected: WattHours;
}

/** A plant and what it is told by. */
export interface ControlledPlant {
  /** What it would give if nobody held it back, W; one that gives all that it may might give its rating. */
  readonly potential: (power: Measurement<Watts>) => number;
  /** Whether it gives all that it may. */
  readonly isHeldBack: (power: Measurement<Watts>) => boolean;
  /** Tells it what it may give, as a power that is not positive. */
  readonly tell: (allowed: Watts) => void;
  readonly giveBack: (why: string) => void;
}

/** A plant that gives so much of what it may is taken to be held back. */
const HELD_BACK_SHARE = 0.95;
const MS_PER_HOUR = 3_600_000;

/** The plant that `device` measures; `null`: it cannot be told anything. */
export function controlledPlant(device: string, board: DeviceBoard, runners: Runners): ControlledPlant | null {
  const [byWatts, byShare] = [runners.get("limit_generation_w"), runners.get("limit_generation_ppm")];
  const runner = byWatts ?? byShare;
  if (runner === undefined) return null;
  const rating = board.numberOf(device, "rating_w");
  const limitOf = (): number | null => {
    const held = runner.controller.hold?.held ?? null;
    if (held === null) return null;
    return byWatts === undefined ? (held * (rating ?? 0)) / 1_000_000 : held;
  };
  const isHeldBack = (power: Measurement<Watts>): boolean => {
    const limitW = limitOf();
    return limitW !== null && givenBy(power) >= limitW * HELD_BACK_SHARE;
  };
  return {
    isHeldBack,
    potential(power) {
      const available = board.numberOf(device, "available_w");
      if (available !== null) return Math.max(0, available);
      const given = givenBy(power);
      return isHeldBack(power) ? Math.max(given, rating ?? given) : given;
    },
    tell(allowed) {
      const limitW: number = -allowed;
      if (byWatts !== undefined) byWatts.want(limitW);
      else if (rating !== null && rating > 0) runner.want(Math.floor((limitW * 1_000_000) / rating));
    },
    giveBack: (why) => runner.release(why),
  };
}

/**
 * The power that the plant may give, W: what was sold, spread over the slot, and what else the home takes at the moment.
 * Where that is not known, what was sold alone.
 */
export function heldTo(
  { surplus }: PlantPlan,
  slot: Slot,
  meter: Measurement<Watts>,
  power: Measurement<Watts>,
): Watts {
  const [surplusWh, lengthMs]: [number, number] = [surplus, slot.lengthMs];
  const sold = Math.floor((surplusWh * MS_PER_HOUR) / lengthMs);
  const taken = meter.kind === "value" && power.kind === "value" ? meter.value - power.value : 0;
  return watts(Math.max(0, sold + taken));
}

function givenBy(power: Measurement<Watts>): number {
  return power.kind === "value" ? Math.max(0, -power.value) : 0;
}
