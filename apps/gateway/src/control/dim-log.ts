/**
 * The proof that signals of the grid operator were obeyed: when one came, when the home's devices were within it and with how
 * much, and when it ended. One line of JSON each, appended and flushed; nothing is ever taken out.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { formatInstant, type InstantMs, type Watts } from "@micromarket/kernel";

/** One line. */
export interface DimRecord {
  readonly event: "signal" | "obeyed" | "ended";
  readonly at: InstantMs;
  readonly home: string;
  readonly limit: Watts;
  readonly until: InstantMs;
  /** What the devices of the group draw together; `null`: one of them does not say. */
  readonly measured: Watts | null;
}

/** Takes lines. */
export type DimLog = (record: DimRecord) => void;

/** In the file `dimming.ndjson` of `folder`. A line that cannot be written goes to `failed`. */
export function openDimLog(folder: string, failed: (error: unknown, record: DimRecord) => void): DimLog {
  const path = join(folder, "dimming.ndjson");
  return (record) => {
    const { event, at, home, limit, until, measured } = record;
    const line = {
      at: formatInstant(at),
      event,
      home,
      limit_w: limit,
      until: formatInstant(until),
      measured_w: measured,
    };
    try {
      appendFileSync(path, `${JSON.stringify(line)}\n`, { flush: true });
    } catch (error) {
      failed(error, record);
    }
  };
}
