/** What a write would be, and what stands in its way: read, and nothing written. */
import { fitValue, isLimit, type ControlState } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import type { InputProblem } from "@micromarket/kernel";
import { humanValue } from "./human-value.ts";
import { table } from "./readings-text.ts";

/** A write that was only thought of. */
export interface Preview {
  readonly state: ControlState;
  /** `null`: nothing may be written for it. */
  readonly value: number | null;
  readonly obstacles: readonly { readonly code: string; readonly what: string; readonly mend: string | null }[];
}

/** Weighs `wish` against what the device holds and what `locks` say. */
export function previewOf(
  { rules }: Control,
  state: ControlState,
  wish: number,
  locks: readonly (InputProblem | null)[],
): Preview {
  const bound = isLimit(rules.capability) && state.isActive !== false ? state.value : null;
  const value = fitValue(rules, wish, bound);
  const closed = locks.filter((lock) => lock !== null).map(({ code, what, mend }) => ({ code, what, mend }));
  const objections = state.objections.map((what) => ({ code: "OBJECTED", what, mend: null }));
  const unknown = { code: "VALUE_UNKNOWN", what: "the device does not say what it holds", mend: null };
  const none = { code: "NO_VALUE_ALLOWED", what: "nothing may be written for it", mend: null };
  return {
    state,
    value,
    obstacles: [
      ...closed,
      ...objections,
      ...(state.value === null ? [unknown] : []),
      ...(value === null ? [none] : []),
    ],
  };
}

/** In words. */
export function previewText({ rules }: Control, wish: number, { state, value, obstacles }: Preview): string {
  const { capability, range, reversion, release } = rules;
  const show = (each: number): string => humanValue(capability, each);
  const active = state.isActive === null ? "" : state.isActive ? ", obeyed" : ", not obeyed now";
  const left = state.revertsInMs === null ? "" : `, ${state.revertsInMs / 1_000} s left of its timer`;
  const bent = value === wish ? "" : ` (wanted: ${show(wish)})`;
  const end =
    reversion.kind === "none"
      ? "nothing: the device keeps the value when nobody refreshes it"
      : `its ${reversion.kind}, after ${reversion.afterMs / 1_000} s; refreshed every ${reversion.refreshMs / 1_000} s`;
  return table([
    ["holds now", `${state.value === null ? "it does not say" : show(state.value)}${active}${left}`],
    ["would write", value === null ? "nothing" : `${show(value)}${bent}`],
    ["range", `${show(range.min)} to ${show(range.max)} in steps of ${show(range.step)}`],
    ["what ends it", end],
    ["release", release.mode === "restore" ? "puts back what was found" : `writes ${show(release.value)}`],
    ...obstacles.map(({ code, what, mend }) => ["in the way", `${what}${mend === null ? "" : ` — ${mend}`} (${code})`]),
  ]);
}
