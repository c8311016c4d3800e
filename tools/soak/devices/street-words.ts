/** What the process of the street is told and says. */
import type { FlakyKind, SimulatorDescription, SimulatorOptions, SlotFlow } from "@micromarket/device-simulator";
import type { Lag } from "./lag.ts";

/** How it is started. */
export interface StreetOrder {
  readonly options: Omit<SimulatorOptions, "onFlaw" | "onSlotEnd" | "realNow" | "timerNow">;
  readonly lagEveryMs: number;
}

/** What a flaky line did, by real time. */
export interface Flaw {
  readonly device: string;
  readonly kind: FlakyKind;
  readonly at: number;
}

/** What went through the grid meter of a home under control in a slot. */
export interface HomeFlow extends Pick<SlotFlow, "endMs" | "leastW" | "mostW"> {
  readonly home: string;
  /** Counters at its end, Wh. */
  readonly imported: number;
  readonly exported: number;
}

/** What flowed in and out of one part of a home in all. */
export interface PartFlow {
  readonly home: string;
  readonly part: string;
  readonly inWh: number;
  readonly outWh: number;
}

/** One line that it says. */
export type StreetWord =
  | { readonly word: "description"; readonly description: SimulatorDescription }
  | { readonly word: "fault"; readonly ok: boolean }
  | ({ readonly word: "flaw" } & Flaw)
  | ({ readonly word: "flow" } & HomeFlow)
  | ({ readonly word: "lag" } & Lag)
  | ({ readonly word: "part" } & PartFlow);

/** The words of one kind among `lines`. */
export function wordsOf<Name extends StreetWord["word"]>(
  lines: readonly string[],
  name: Name,
): readonly Extract<StreetWord, { word: Name }>[] {
  return lines
    .map((line) => JSON.parse(line) as StreetWord)
    .filter((word): word is Extract<StreetWord, { word: Name }> => word.word === name);
}
