/** A score as a person reads it. */
import Table from "cli-table3";
import type { Failure, Score } from "./score.ts";

/** Failures shown; `--json` has them all. */
const FAILURES_SHOWN = 20;

/** The table, what is unknown to the engine, and the failures with the commands that show them again. */
export function scoreText(score: Score): string {
  const table = new Table({
    head: ["property", "passed", "failed", "not stated"],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right"],
  });
  for (const { label, passed, failed, notStated } of score.properties) table.push([label, passed, failed, notStated]);
  const unknown = Object.entries(score.unsupported).map(
    ([mechanism, cases]) => `not supported: ${mechanism} (${cases} ${cases === 1 ? "case" : "cases"} left out)\n`,
  );
  const shown = score.failures.slice(0, FAILURES_SHOWN).map(failureText);
  const hidden = score.failures.length - shown.length;
  const rest = hidden > 0 ? `\n… and ${hidden} more; --json lists them all\n` : "";
  return `${table.toString()}\n${unknown.join("")}${totalText(score)}\n${shown.join("")}${rest}`;
}

function totalText({ permille, clean, cases }: Score): string {
  if (cases === 0) return "nothing was judged: the engine knows none of these mechanisms";
  return `score ${percentText(permille)} %: ${clean} of ${cases} cases hold`;
}

/** 1000 is `100`, 987 is `98.7`. */
function percentText(permille: number): string {
  return permille % 10 === 0 ? String(permille / 10) : (permille / 10).toFixed(1);
}

function failureText({ case: name, property, expected, found, reproduce }: Failure): string {
  return `\n${name}: ${property}\n  expected  ${expected}\n  found     ${found}\n  again     ${reproduce}\n`;
}
