/** What stands behind a home's grid meter beside its load, seen by the step that moves them all. */
import type { FlowCounter } from "./energy.ts";

/** What a member is. */
export type MemberName = "pv" | "battery" | "charger" | "plug";

/** What the rest of the home does in a piece of time in which nothing changes. Load convention. */
export interface Surroundings {
  /** Virtual time. */
  readonly atMs: number;
  /** What the sun offers; not negative. */
  readonly availablePvW: number;
  /** PV as it is fed in; not positive. */
  readonly pvW: number;
  /** The home's sum without this member and those that decide after it. */
  readonly netW: number;
}

/** A power, and for how many virtual milliseconds it holds if nothing else happens. */
export interface Decision {
  readonly powerW: number;
  readonly forMs: number;
}

/** One asset of a home. */
export interface PlantMember {
  readonly name: MemberName;
  readonly counter: FlowCounter;
  /** The power of the last step. */
  readonly powerW: number;
  decide(surroundings: Surroundings): Decision;
  /** Steps by what was decided, for no longer than it holds. */
  run(powerW: number, ms: number): void;
  /** Real time at which a timer of its runs out; Infinity where none runs. */
  timerAt(): number;
  /** Called when real time has come so far. */
  expire(realMs: number): void;
  /** What it has to know after a restart, beside its counter: whole numbers. @default nothing */
  keep?(): MemberState;
  /** Goes on from what was kept; leaves alone what is not in it. */
  recall?(state: MemberState): void;
}

/** What a member keeps, by name. */
export type MemberState = Readonly<Record<string, number>>;
