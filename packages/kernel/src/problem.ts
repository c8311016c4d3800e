/**
 * What is wrong with an input file: where, what, and how to mend it.
 *
 * Positions are those that an editor shows: lines and columns count from 1, columns in UTF-16 code units.
 */

/** One thing that is wrong with an input file. */
export interface InputProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** For programs: upper case, stable. */
  readonly code: string;
  /** What is wrong, with the offending text. */
  readonly what: string;
  /** What to do about it. */
  readonly mend: string;
}

/** A place in a file. */
export type Place = Pick<InputProblem, "file" | "line" | "column">;

/** What is wrong, without the place. */
export type Complaint = Pick<InputProblem, "code" | "what" | "mend">;

/** The line that a terminal shows: `file:line:column: what — mend (CODE)`. */
export function formatProblem(problem: InputProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.what} — ${problem.mend} (${problem.code})`;
}

/** Problems shown of one file; a file that is wrong throughout would only hide the others. */
export const PROBLEMS_PER_FILE_MAX = 20;

/** Collects problems, at most `PROBLEMS_PER_FILE_MAX` of each file and one more that counts the rest. */
export interface ProblemLog {
  add(place: Place, complaint: Complaint): void;
  /** How many were added, those that `list` leaves out included. */
  count(): number;
  list(): InputProblem[];
}

/** An empty log. */
export function problemLog(): ProblemLog {
  const problemsOf = new Map<string, InputProblem[]>();
  let count = 0;
  return {
    add(place, complaint) {
      count += 1;
      const problems = problemsOf.get(place.file) ?? [];
      problemsOf.set(place.file, problems);
      problems.push({ ...place, ...complaint });
    },
    count: () => count,
    list: () => [...problemsOf.values()].flatMap(shorten),
  };
}

function shorten(problems: readonly InputProblem[]): InputProblem[] {
  const shown = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const hidden = shown.splice(PROBLEMS_PER_FILE_MAX);
  const [next] = hidden;
  if (next === undefined) return shown;
  const rest = {
    code: "MORE_PROBLEMS",
    what: `${hidden.length} more problems from here`,
    mend: "mend those above first",
  };
  return [...shown, { ...next, ...rest }];
}
