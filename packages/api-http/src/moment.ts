/** The present, as the API sees it: market time, how fast it runs, and what counts as old. */
import { gateInstant, type MarketRules } from "@micromarket/engine";
import { greatest, instantMs, minus, slotAfter, slotAt, type InstantMs, type Slot } from "@micromarket/kernel";
import type { DurationMs } from "@micromarket/kernel";
import type { MarketReadModel } from "./read-model.ts";
import type { Phase } from "@micromarket/protocol";

/** The market's clock. */
export interface MarketClock {
  readonly now: () => InstantMs;
  /** How many times faster than the wall clock it runs; `null`: it is the wall clock. */
  readonly factor: number | null;
}

/** One reading of the clock, for everything that one answer says. */
export interface Moment {
  readonly now: InstantMs;
  readonly factor: number | null;
  /** A device's reading is stale when it is older. */
  readonly deviceStaleAfter: DurationMs;
}

/** The slot that starts at `start`. */
export function slotStarting(rules: MarketRules, start: InstantMs): Slot {
  return { startMs: start, lengthMs: rules.slotLength };
}

/** The first slot whose gate closes after `now`. */
export function nextSlotToClose(rules: MarketRules, now: InstantMs): Slot {
  return slotAfter(slotAt(instantMs(now + rules.gateLead), rules.slotLength));
}

/** Where the slot that starts at `start` stands at `now`. */
export function phaseOf(model: MarketReadModel, start: InstantMs, now: InstantMs): Phase {
  const { rules } = model;
  const record = model.slot(start);
  if (record === null) {
    const closedThrough = model.closedThrough();
    if (model.awaiting().some(({ event }) => event.slot === start)) return "clearing";
    if (closedThrough !== null && start <= closedThrough) return "passed-over";
    return now < gateInstant(rules, start) ? "open" : "clearing";
  }
  if (record.settled !== null) return "settled";
  if (now < start) return "cleared";
  return slotAt(now, rules.slotLength).startMs === start ? "delivering" : "metering";
}

/** How long the next gate closure is overdue at `now`, in milliseconds; 0 where none is. */
export function overdueMs(model: MarketReadModel, now: InstantMs): number {
  const { rules, runningSince } = model;
  const closedThrough = model.closedThrough();
  const first = nextSlotToClose(rules, runningSince).startMs;
  const due =
    closedThrough === null ? first : greatest(first, slotAfter(slotStarting(rules, closedThrough), 1).startMs);
  return Math.max(0, minus(now, gateInstant(rules, due)));
}
