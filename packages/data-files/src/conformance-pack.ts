/** Reads a conformance pack: a folder with `books/` and, at the same places, `expected/`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, fail, ok, type InputProblem, type Result } from "@micromarket/kernel";
import { readConformanceCase, type ConformanceCase } from "./conformance-case.ts";

/** All cases in order of name, or what is wrong with the pack. */
export function loadConformancePack(directory: string): Result<readonly ConformanceCase[], InputProblem[]> {
  const expectations = join(directory, "expected");
  try {
    const cases = readdirSync(expectations, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".json"))
      .map((path) => {
        const [book, expected] = [join(directory, "books", path), join(expectations, path)];
        return readConformanceCase(readFileSync(book, "utf8"), readFileSync(expected, "utf8"), expected);
      });
    if (cases.length > 0) return ok(cases.sort((a, b) => compareText(a.name, b.name)));
    return fail([unreadable(expectations, "there is no case in it")]);
  } catch (error) {
    return fail([unreadable(directory, error instanceof Error ? error.message : String(error))]);
  }
}

function unreadable(file: string, reason: string): InputProblem {
  const what = `this is no conformance pack: ${reason}`;
  const mend = "name a folder with books/ and expected/, such as packages/market/conformance";
  return { file, line: 1, column: 1, code: "PACK_UNREADABLE", what, mend };
}
