/**
 * The agent of an interruptible process with a deadline, as a vehicle's charging: buys what it needs before it ends, and pays
 * the more the less time is left.
 *
 * What could not be made up for in the slots after this one is bought at the cap, as must-run. For the rest the limit goes
 * from `low` to `cap` in proportion to how much of the time that is left is needed: with no slack left it is the cap.
 */
import {
  floorDivide,
  greatest,
  least,
  minus,
  times,
  wattHours,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { Step, Tender } from "@micromarket/market";

/** All that the agent may see of a slot whose gate is open. */
export interface DeferrableChargeView {
  readonly party: PartyId;
  /** The id that its tender takes, unique within the slot. */
  readonly tender: TenderId;
  /** What is still to flow before the deadline, this slot included; not negative. */
  readonly needed: WattHours;
  /** What is already bought for the slot. */
  readonly committed: WattHours;
  /** The most that can flow in this slot; 0 before the arrival. */
  readonly most: WattHours;
  /** With less in this slot the device does not run; 0 where any energy will do. */
  readonly least: WattHours;
  /** The most that can flow in all later slots before the deadline. */
  readonly later: WattHours;
  /** What it pays with all the time in the world, per kWh; at most the cap. */
  readonly low: PriceMicro;
  /** The market's cap, per kWh; at it the demand counts as must-run. */
  readonly cap: PriceMicro;
  /** Limits lie on it. */
  readonly tick: PriceMicro;
}

/** One buy tender of at most two steps; none where nothing is needed, or nothing more fits into the slot. */
export function deferrableCharge(view: DeferrableChargeView): readonly Tender[] {
  const { needed, most, later, committed, cap } = view;
  const wanted = least(needed, most);
  const open = minus(wanted, committed);
  if (open <= 0) return [];
  const short = least(greatest(minus(needed, later), wattHours(0)), wanted);
  const mustRun = short > 0 ? greatest(short, least(view.least, wanted)) : short;
  const dear = greatest(minus(mustRun, committed), wattHours(0));
  const steps: Step[] = [];
  if (dear > 0) steps.push({ price: cap, energy: dear });
  if (open > dear) steps.push({ price: limitOf(view), energy: minus(open, dear) });
  return [{ id: view.tender, party: view.party, side: "buy", steps: mergeEqual(steps) }];
}

/** `low + (cap − low) × needed ÷ what can flow`, down to the tick; the cap where that is all. */
function limitOf({ needed, most, later, low, cap, tick }: DeferrableChargeView): PriceMicro {
  const possible = BigInt(most) + BigInt(later);
  if (BigInt(needed) >= possible) return cap;
  const limit = BigInt(low) + (BigInt(minus(cap, low)) * BigInt(needed)) / possible;
  return times(tick, Number(floorDivide(limit, BigInt(tick))));
}

function mergeEqual(steps: readonly Step[]): readonly Step[] {
  const [first, second] = steps;
  if (first === undefined || second === undefined || first.price !== second.price) return steps;
  return [{ price: first.price, energy: wattHours(first.energy + second.energy) }];
}
