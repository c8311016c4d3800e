/** A reading that may be absent. Absence carries its reason and is never 0. */
import { unreachable } from "./assert.ts";

/**
 * Why a reading is absent. `not-reported`: it has a place, and nothing stands there. `not-provided`: the device has no
 * place for it, and nothing is wrong.
 */
export type MissingReason =
  "gap" | "not-a-number" | "out-of-range" | "stale" | "device-silent" | "not-reported" | "not-provided";

/** A measured value, or why there is none. */
export type Measurement<Value> =
  { readonly kind: "value"; readonly value: Value } | { readonly kind: "missing"; readonly reason: MissingReason };

/** A reading that is there. */
export function measured<Value>(value: Value): Measurement<Value> {
  return { kind: "value", value };
}

/** A reading that is not there. */
export function missing(reason: MissingReason): Measurement<never> {
  return { kind: "missing", reason };
}

/** The reading, or what `replace` makes of its absence: the caller has to say what, there is no default. */
export function valueOr<Value>(measurement: Measurement<Value>, replace: (reason: MissingReason) => Value): Value {
  switch (measurement.kind) {
    case "value":
      return measurement.value;
    case "missing":
      return replace(measurement.reason);
    default:
      return unreachable(measurement);
  }
}
