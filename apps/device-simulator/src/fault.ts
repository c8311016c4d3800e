/** What may be made to go wrong, and how a line of text asks for it. */
import {
  decodeChecked,
  decodeInteger,
  decodeObject,
  decodeOneOf,
  decodeText,
  fail,
  malformed,
  type DecodeFailure,
  type Decoder,
  type Result,
} from "@micromarket/kernel";

/** How a device lies. */
export type WrongValue =
  /** Modbus floats are NaN, JSON numbers `null`. */
  | "not-a-number"
  /** Every value is 0: voltage, frequency and counters as well. */
  | "all-zero"
  /** A gigawatt, and counters a thousand times too high. */
  | "implausible";

/** One fault. It strikes the devices of `home`, or of all homes where none is named. */
export type Fault =
  /** Accepts connections and requests, never answers, publishes nothing. */
  | { readonly fault: "silent"; readonly home?: string }
  /** Answers and publishes `ms` real milliseconds late. */
  | { readonly fault: "late"; readonly home?: string; readonly ms: number }
  /** Once: resets (TCP RST) the Modbus connections that have asked the home, and the home's connections to the broker. */
  | { readonly fault: "reset"; readonly home?: string }
  | { readonly fault: "wrong-value"; readonly home?: string; readonly kind?: WrongValue }
  /** The devices' virtual clock jumps by `ms`, back where negative: the only way in which a counter goes back. */
  | { readonly fault: "clock-jump"; readonly home?: string; readonly ms: number }
  /** Everything is well again. */
  | { readonly fault: "clear"; readonly home?: string };

const LATE_MS_MAX = 600_000;
const JUMP_MS_MAX = 366 * 86_400_000;

const home = { home: decodeText };
const lateMs = decodeChecked(decodeInteger, (ms) => ms >= 0 && ms <= LATE_MS_MAX, `0 to ${LATE_MS_MAX} ms`);
const jumpMs = decodeChecked(decodeInteger, (ms) => Math.abs(ms) <= JUMP_MS_MAX, "at most 366 days, in ms");
const wrongValue = decodeOneOf<WrongValue>("not-a-number", "all-zero", "implausible");

const decoders: { readonly [Name in Fault["fault"]]: Decoder<Fault> } = {
  silent: decodeObject({ fault: decodeOneOf("silent") }, home),
  late: decodeObject({ fault: decodeOneOf("late"), ms: lateMs }, home),
  reset: decodeObject({ fault: decodeOneOf("reset") }, home),
  "wrong-value": decodeObject({ fault: decodeOneOf("wrong-value") }, { ...home, kind: wrongValue }),
  "clock-jump": decodeObject({ fault: decodeOneOf("clock-jump"), ms: jumpMs }, home),
  clear: decodeObject({ fault: decodeOneOf("clear") }, home),
};
const faultName = decodeOneOf("silent", "late", "reset", "wrong-value", "clock-jump", "clear");

/** Reads one line of the control protocol, e.g. `{"fault":"late","home":"home-3","ms":3000}`. */
export function parseFault(line: string): Result<Fault, DecodeFailure> {
  const value = parseJson(line);
  if (value === undefined) return fail(malformed("", "a JSON object", line).error);
  if (typeof value !== "object" || value === null) return malformed("", "a JSON object", value);
  const name = faultName("fault" in value ? value.fault : undefined, "fault");
  return name.ok ? decoders[name.value](value, "") : name;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
