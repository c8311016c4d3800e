/** What a register profile says of one control: its rules, the frames that carry it out, and the registers that tell of it. */
import type { ControlRules } from "@micromarket/control";
import type { Encoding, RegisterCheck, RegisterType } from "./encoding.ts";

/** A number that a frame carries. */
export type StepNumber = number | "$value" | "$fallback" | "$reversion_s";

/** One or more registers of a frame. */
export type StepValue =
  /** As the control's value is kept: scaled, or mapped. */
  | { readonly kind: "scaled"; readonly number: "$value" | "$fallback" }
  /** The number itself, as that type. */
  | { readonly kind: "plain"; readonly number: StepNumber; readonly type: RegisterType };

/** One frame. */
export interface WriteStep {
  readonly function: 6 | 16;
  readonly address: number;
  /** Registers that it writes. */
  readonly count: number;
  /** Only this bit of the register is changed: it is read before. `null`: all of it. */
  readonly bit: number | null;
  /** Cannot be read: it is not part of what `restore` puts back. */
  readonly isWriteOnly: boolean;
  readonly values: readonly StepValue[];
}

/** Where the device tells its value. */
export interface Readback {
  readonly function: 3 | 4;
  readonly address: number;
  readonly encoding: Encoding;
}

/** One control of a profile. */
export interface ControlSpec {
  readonly rules: ControlRules;
  readonly readback: Readback;
  /** What must hold before a write. */
  readonly prechecks: readonly RegisterCheck[];
  /** Holds while the device obeys the value; `null` where it does not say. */
  readonly activation: RegisterCheck | null;
  /** In their order; together one write. */
  readonly steps: readonly WriteStep[];
}
