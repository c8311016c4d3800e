/** What may be made to go wrong, and how a line of text asks for it. */
import {
  decodeChecked,
  decodeInteger,
  decodeList,
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

/** Whom a fault strikes: one device, the devices of a home, or all where neither is named. */
export interface Struck {
  readonly home?: string;
  readonly device?: string;
}

/** What a flaky line does to a reply or message. */
export const FLAKY_KINDS = ["late", "lost", "reset"] as const;

/** One of them. */
export type FlakyKind = (typeof FLAKY_KINDS)[number];

/** One fault. */
export type Fault = Struck &
  (
    | /** Accepts connections and requests, never answers, publishes nothing. */
      { readonly fault: "silent" }
      /** Answers and publishes `ms` real milliseconds late. */
    | { readonly fault: "late"; readonly ms: number }
    /** Once: resets (TCP RST) the Modbus connections that have asked the devices, and their connections to the broker. */
    | { readonly fault: "reset" }
    | { readonly fault: "wrong-value"; readonly kind?: WrongValue }
    /** The meters' virtual clock jumps by `ms`, back where negative: the only way in which a counter goes back. */
    | { readonly fault: "clock-jump"; readonly ms: number }
    /**
     * So many per cent of the Modbus replies, and of what is published at once over MQTT, are late (by `ms`, 3 seconds if not
     * said), lost, or the connection is reset.
     */
    | { readonly fault: "flaky"; readonly percent: number; readonly kinds?: readonly FlakyKind[]; readonly ms?: number }
    /** Writes are refused: with a Modbus exception (`code`, 4 if not said), or an answer that is no success. */
    | { readonly fault: "refuses-writes"; readonly code?: number }
    /** Writes are confirmed and not done. */
    | { readonly fault: "ignores-writes" }
    /** Once: somebody else writes a limit of `percent`, without a timer. */
    | { readonly fault: "foreign-limit"; readonly percent: number }
    /** The device is under local control: it says so where it can, follows its own rule, and refuses writes. */
    | { readonly fault: "local-control" }
    /** What is written comes undone after `ms` (1 second if not said), whatever its timer says. */
    | { readonly fault: "reverts-early"; readonly ms?: number }
    /** Everything is well again; limits that somebody else wrote are gone. */
    | { readonly fault: "clear" }
  );

const LATE_MS_MAX = 600_000;
const JUMP_MS_MAX = 366 * 86_400_000;
const EXCEPTION_CODE_MAX = 11;

const struck = { home: decodeText, device: decodeText };
const lateMs = decodeChecked(decodeInteger, (ms) => ms >= 0 && ms <= LATE_MS_MAX, `0 to ${LATE_MS_MAX} ms`);
const jumpMs = decodeChecked(decodeInteger, (ms) => Math.abs(ms) <= JUMP_MS_MAX, "at most 366 days, in ms");
const percent = decodeChecked(decodeInteger, (share) => share >= 0 && share <= 100, "0 to 100 per cent");
const code = decodeChecked(decodeInteger, (of) => of >= 1 && of <= EXCEPTION_CODE_MAX, "an exception code, 1 to 11");
const wrongValue = decodeOneOf<WrongValue>("not-a-number", "all-zero", "implausible");
const kinds = decodeChecked(
  decodeList(decodeOneOf<FlakyKind>(...FLAKY_KINDS)),
  (list) => list.length > 0,
  "at least one of late, lost, reset",
);

const decoders: { readonly [Name in Fault["fault"]]: Decoder<Fault> } = {
  silent: decodeObject({ fault: decodeOneOf("silent") }, struck),
  late: decodeObject({ fault: decodeOneOf("late"), ms: lateMs }, struck),
  reset: decodeObject({ fault: decodeOneOf("reset") }, struck),
  "wrong-value": decodeObject({ fault: decodeOneOf("wrong-value") }, { ...struck, kind: wrongValue }),
  "clock-jump": decodeObject({ fault: decodeOneOf("clock-jump"), ms: jumpMs }, struck),
  flaky: decodeObject({ fault: decodeOneOf("flaky"), percent }, { ...struck, kinds, ms: lateMs }),
  "refuses-writes": decodeObject({ fault: decodeOneOf("refuses-writes") }, { ...struck, code }),
  "ignores-writes": decodeObject({ fault: decodeOneOf("ignores-writes") }, struck),
  "foreign-limit": decodeObject({ fault: decodeOneOf("foreign-limit"), percent }, struck),
  "local-control": decodeObject({ fault: decodeOneOf("local-control") }, struck),
  "reverts-early": decodeObject({ fault: decodeOneOf("reverts-early") }, { ...struck, ms: lateMs }),
  clear: decodeObject({ fault: decodeOneOf("clear") }, struck),
};
const faultName = decodeOneOf<Fault["fault"]>(
  ...(["silent", "late", "reset", "wrong-value", "clock-jump", "flaky", "refuses-writes", "ignores-writes"] as const),
  ...(["foreign-limit", "local-control", "reverts-early", "clear"] as const),
);

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
