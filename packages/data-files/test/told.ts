/** Problems as short lines, so that a test reads like the terminal. */
import type { InputProblem, Result } from "@micromarket/kernel";

/** `line:column CODE` of each problem; an empty list where there is none. */
export function places(result: Result<unknown, InputProblem[]>): string[] {
  return result.ok ? [] : result.error.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

/** The value of a success; fails the test with the problems otherwise. */
export function valueOf<Value>(result: Result<Value, InputProblem[]>): Value {
  if (result.ok) return result.value;
  throw new Error(result.error.map(({ line, column, code, what }) => `${line}:${column} ${code} ${what}`).join("\n"));
}
