/** What the doctor found: one thing, how it stands, and how to mend it. */

/** One finding. */
export interface Finding {
  /** For programs: upper case, stable; what was looked at. */
  readonly code: FindingCode;
  readonly status: "ok" | "warn" | "fail";
  readonly what: string;
  /** `null` where nothing is to be done. */
  readonly mend: string | null;
}

/** What the doctor looks at, in this order. */
export type FindingCode =
  | "NODE_VERSION"
  | "SQLITE_BINDING"
  | "PAGE"
  | "FILE"
  | "CLOCK"
  | "DATA_FOLDER"
  | "DISK_SPACE"
  | "JOURNAL"
  | "KEY"
  | "PORT"
  | "COUNTERS"
  | "CONTROL"
  | "DEVICE";

/** A finding that is well. */
export function well(code: FindingCode, what: string): Finding {
  return { code, status: "ok", what, mend: null };
}

/** One to look at, which stands in nobody's way. */
export function warning(code: FindingCode, what: string, mend: string): Finding {
  return { code, status: "warn", what, mend };
}

/** One that stands in the way. */
export function failing(code: FindingCode, what: string, mend: string): Finding {
  return { code, status: "fail", what, mend };
}

/** One line of text. */
export function findingLine({ code, status, what, mend }: Finding): string {
  return `${status.padEnd(4)}  ${code.padEnd(14)}  ${what}${mend === null ? "" : ` — ${mend}`}`;
}
