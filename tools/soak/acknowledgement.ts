/** What the fed process answers about one group. */
export interface Acknowledgement {
  /** Its index in the plan. */
  readonly group: number;
  /** One per command: its place in the journal and the hash of its text, or the code of its refusal. */
  readonly answers: readonly (Place | string)[];
}

/** Where an accepted command stands. */
export interface Place {
  readonly sequence: number;
  readonly hash: string;
}

/** The acknowledgements in what a process wrote. A last line without its end is none. */
export function acknowledgementsIn(output: string): readonly Acknowledgement[] {
  return linesOf(output)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Acknowledgement);
}

/** Whole lines only. */
export function linesOf(output: string): readonly string[] {
  return output.split("\n").slice(0, -1);
}
