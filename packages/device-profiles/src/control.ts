/**
 * One control of one device, as its link carries it out. The link encodes, sends and reads; whether and when anything is
 * written is decided by `@micromarket/control`, which names what goes between the two.
 *
 * Invariants of every implementation: nothing throws and nothing rejects; every call settles; `write` and `restore` send
 * what they send once; a call through a locked path fails with `LOCKED` before a frame is built; one atomic frame where the
 * device takes one, else the steps of the profile in their order.
 */
import type { ControlFailure, ControlRules, ControlState, WriteTerms } from "@micromarket/control";
import type { Result } from "@micromarket/kernel";

export type { ControlFailure, ControlState, WriteTerms } from "@micromarket/control";

/** One capability of one device. */
export interface Control {
  readonly rules: ControlRules;
  read(): Promise<Result<ControlState, ControlFailure>>;
  write(value: number, terms: WriteTerms): Promise<Result<null, ControlFailure>>;
  /** Puts back what `read` found. */
  restore(snapshot: string): Promise<Result<null, ControlFailure>>;
  /**
   * Ends what goes out between two writes to keep the value up, as the end of this program would: the value stays until the
   * device lets go. The next write takes it up again. The answer says whether anything went out. Left out where nothing does.
   */
  hush?(): boolean;
}
