/** The faults that last, home by home. */
import type { Fault, WrongValue } from "./fault.ts";

/** How a home's devices are at the moment. */
export interface Condition {
  readonly silent: boolean;
  /** Real milliseconds by which answers and messages are late. */
  readonly lateMs: number;
  readonly wrongValue: WrongValue | null;
  /** Virtual milliseconds by which the devices' clock is ahead of the street's. */
  readonly clockOffsetMs: number;
}

/** Where faults are noted. */
export interface FaultBoard {
  conditionOf(home: string): Condition;
  /** Notes a fault of homes that are there; a reset leaves no mark. */
  note(fault: Fault, homes: readonly string[]): void;
}

const WELL: Condition = { silent: false, lateMs: 0, wrongValue: null, clockOffsetMs: 0 };

/** A board on which all is well. */
export function openFaultBoard(): FaultBoard {
  const conditions = new Map<string, Condition>();
  const conditionOf = (home: string): Condition => conditions.get(home) ?? WELL;
  return {
    conditionOf,
    note: (fault, homes) => {
      for (const home of homes) conditions.set(home, struck(conditionOf(home), fault));
    },
  };
}

function struck(before: Condition, fault: Fault): Condition {
  switch (fault.fault) {
    case "silent":
      return { ...before, silent: true };
    case "late":
      return { ...before, lateMs: fault.ms };
    case "wrong-value":
      return { ...before, wrongValue: fault.kind ?? "not-a-number" };
    case "clock-jump":
      return { ...before, clockOffsetMs: before.clockOffsetMs + fault.ms };
    case "reset":
      return before;
    case "clear":
      return WELL;
  }
}
