/** What is wrong with a profile: where, what, and how to mend it. */

/** One thing that is wrong. Lines and columns count from 1, as an editor shows them. */
export interface ProfileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly mend: string;
}

/** The line that a terminal shows: `file:line:column: what — mend`. */
export function formatProfileProblem(problem: ProfileProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.what} — ${problem.mend}`;
}
