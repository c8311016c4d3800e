/**
 * The agent of a battery: buys low and sells high by the value of stored energy.
 *
 * Each piece of energy that the battery could take or give in the slot has a price at which it does not matter whether it
 * flows: the change of the stored value, per kWh at the terminals, wear included. Pieces above what is committed are bought
 * at that price or less, pieces below it are sold at it or more.
 *
 * Invariants: every buy limit lies below every sell limit, so that it never trades with itself; what is bought or sold with
 * what is committed is never more than the battery can do.
 */
import { batteryRoom, storedBy, type BatteryState } from "@micromarket/assets";
import {
  floorDivide,
  minus,
  priceMicro,
  wattHours,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { Step, Tender } from "@micromarket/market";
import { energyBetween, levelsOf, storageValue, type StorageOutlook, type StorageValue } from "./storage-value.ts";

/** All that the agent may see of a slot whose gate is open. */
export interface StorageTraderView {
  readonly party: PartyId;
  readonly buyTender: TenderId;
  readonly sellTender: TenderId;
  /** What the battery holds when the slot begins. */
  readonly state: BatteryState;
  /** Bought (> 0) or sold (< 0) for the slot already. */
  readonly committed: WattHours;
  /** The slots after this one. */
  readonly outlook: StorageOutlook;
  /** Limits lie on it; positive. */
  readonly tick: PriceMicro;
}

/** A piece of energy between two flows, and the price per kWh at which it does not matter. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly worth: bigint;
}

/** A buy and a sell tender, either left out where it would be empty. */
export function storageTrader(view: StorageTraderView): readonly Tender[] {
  const { party, buyTender, sellTender, committed, tick } = view;
  const pieces = piecesOf(view);
  const sells = monotone(sellSteps(pieces, committed, tick), 1);
  const ceiling = sells[0]?.price;
  const highest = ceiling === undefined || ceiling === null ? null : minus(ceiling, tick);
  const buys = monotone(buySteps(pieces, committed, tick, highest), -1);
  const tenders: Tender[] = [];
  if (buys.length > 0) tenders.push({ id: buyTender, party, side: "buy", steps: buys });
  if (sells.length > 0) tenders.push({ id: sellTender, party, side: "sell", steps: sells });
  return tenders;
}

function piecesOf({ state, outlook }: StorageTraderView): readonly Piece[] {
  const value = storageValue(outlook);
  const { spec, slotLength } = outlook;
  const { into, outOf } = batteryRoom(spec, state, slotLength);
  const atLevels = levelsOf(outlook).map((level) => energyBetween(spec, state.storedMicroWh, level));
  const within = atLevels.filter((energy) => energy < into && -energy < outOf);
  const flows = [...new Set<number>([-outOf, ...within, 0, into])].sort((a, b) => a - b);
  return flows.slice(1).map((to, index) => {
    const from = flows[index] ?? to;
    return { from, to, worth: worthOf({ state, outlook, value }, from, to) };
  });
}

interface Worth {
  readonly state: BatteryState;
  readonly outlook: StorageOutlook;
  readonly value: StorageValue;
}

/** Change of value from one flow to a larger one, per kWh, rounded down. */
function worthOf({ state, outlook, value }: Worth, from: number, to: number): bigint {
  const total = (flow: number): number => {
    const wear: number = outlook.spec.cycleCost;
    return value(state.storedMicroWh + storedBy(outlook.spec, wattHours(flow))) + wear * Math.min(0, flow);
  };
  return floorDivide(BigInt(total(to) - total(from)), BigInt(to - from));
}

function sellSteps(pieces: readonly Piece[], committed: WattHours, tick: PriceMicro): readonly Step[] {
  const below = pieces.filter(({ from }) => from < committed).toReversed();
  return below.map(({ from, to, worth }) => ({
    price: onTick(worth + BigInt(tick), tick), // no less than it is worth, and a tick for the trouble
    energy: wattHours(Math.min(to, committed) - from),
  }));
}

function buySteps(
  pieces: readonly Piece[],
  committed: WattHours,
  tick: PriceMicro,
  highest: PriceMicro | null,
): readonly Step[] {
  const above = pieces.filter(({ to }) => to > committed);
  return above.map(({ from, to, worth }) => {
    const price = onTick(worth, tick);
    return {
      price: highest !== null && price > highest ? highest : price,
      energy: wattHours(to - Math.max(from, committed)),
    };
  });
}

/** Makes limits worse where rounding made a later piece better than one before it; joins equal ones. */
function monotone(steps: readonly Step[], direction: 1 | -1): readonly Step[] {
  const out: { price: PriceMicro; energy: WattHours }[] = [];
  for (const { price, energy } of steps) {
    if (price === null) continue;
    const last = out.at(-1);
    const isBetter = last !== undefined && (direction > 0 ? price <= last.price : price >= last.price);
    if (last !== undefined && isBetter) last.energy = wattHours(last.energy + energy);
    else out.push({ price, energy });
  }
  return out;
}

function onTick(price: bigint, tick: PriceMicro): PriceMicro {
  return priceMicro(Number(floorDivide(price, BigInt(tick)) * BigInt(tick)));
}
