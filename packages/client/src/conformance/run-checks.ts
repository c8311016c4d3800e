/** Runs the checks against a server, one after the other, and says what was expected and what was seen. */
import { CHECKS } from "./checks.ts";
import { type Check } from "./check.ts";
import { NotHere, Otherwise } from "./otherwise.ts";
import { Lab, type LabInit } from "./lab.ts";

/** What came of one check. */
export interface Finding {
  readonly name: string;
  readonly verdict: "holds" | "fails" | "skipped";
  readonly expected: string;
  /** What was seen, or why nothing was looked at; of what holds nothing. */
  readonly seen: string | null;
}

/** What is run. */
export interface ConformanceInit extends LabInit {
  /** Checks that place orders, which are taken back. @default true */
  readonly trades?: boolean;
  /** These checks alone, by name or group. @default all */
  readonly only?: readonly string[];
  readonly onFinding?: (finding: Finding) => void;
  /** Once it is aborted no further check begins. */
  readonly signal?: AbortSignal;
}

/** What came of it all. */
export interface ConformanceReport {
  readonly url: string;
  readonly findings: readonly Finding[];
  readonly holds: boolean;
}

/** The checks that are named, by their name or group; all without names. */
export function checksNamed(only: readonly string[] | undefined): readonly Check[] {
  if (only === undefined || only.length === 0) return CHECKS;
  return CHECKS.filter(({ name }) => only.some((each) => name === each || name.startsWith(`${each}/`)));
}

/** Runs them. Rejects where nobody is let in at all; for nothing else that a server does. */
export async function runConformance(init: ConformanceInit): Promise<ConformanceReport> {
  const { trades = true, onFinding, signal } = init;
  const lab = await Lab.at(init);
  const findings: Finding[] = [];
  for (const each of checksNamed(init.only)) {
    if (signal?.aborted === true) break;
    const finding = each.trades && !trades ? skipped(each, "no orders are placed") : await tried(each, lab);
    findings.push(finding);
    onFinding?.(finding);
  }
  return { url: init.url, findings, holds: findings.every(({ verdict }) => verdict !== "fails") };
}

async function tried(each: Check, lab: Lab): Promise<Finding> {
  const { name, expects: expected } = each;
  try {
    await each.run(lab);
    return { name, verdict: "holds", expected, seen: null };
  } catch (error) {
    if (error instanceof NotHere) return skipped(each, error.message);
    const seen = error instanceof Otherwise ? error.message : `it cannot be tried: ${String(error)}`;
    return { name, verdict: "fails", expected, seen };
  } finally {
    await lab.tidyUp();
  }
}

function skipped({ name, expects: expected }: Check, seen: string): Finding {
  return { name, verdict: "skipped", expected, seen };
}
