/** What a soak found, as an object and as a table. */
import type { Missing } from "./privileges.ts";
import type { Part, SoakOptions, Trialled } from "./round.ts";

/** Width of the column of names. */
const LABEL = 28;

/** How often a kind of call was the one before or after which something struck. */
interface PointCount {
  readonly part: Part;
  readonly call: string;
  readonly before: number;
  readonly after: number;
}

/** The whole result. */
export interface SoakReport {
  readonly seed: number;
  readonly rounds: number;
  readonly trials: Readonly<Record<string, number>>;
  readonly points: readonly PointCount[];
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly skipped: readonly Missing[];
  /** What long parts measured, by name. */
  readonly figures: Readonly<Record<string, Trialled["figures"]>>;
  readonly violations: readonly Violation[];
}

/** Something that should not have happened, and the command that brings it about again. */
interface Violation {
  readonly where: string;
  readonly faults: readonly string[];
  readonly reproduce: string;
}

/** The report on `trials`. */
export function reportOf(
  options: SoakOptions,
  trials: readonly Trialled[],
  skipped: SoakReport["skipped"],
): SoakReport {
  const sum = (of: (trialled: Trialled) => number): number =>
    trials.reduce((total, trialled) => total + of(trialled), 0);
  const counts: Record<string, number> = {};
  for (const { part } of trials) counts[part] = (counts[part] ?? 0) + 1;
  return {
    seed: options.seed,
    rounds: options.rounds,
    trials: counts,
    points: pointsOf(trials),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    skipped,
    figures: Object.fromEntries(
      trials.flatMap(({ part, figures }) => (figures === undefined ? [] : [[part, figures]])),
    ),
    violations: trials.filter(({ faults }) => faults.length > 0).map((trialled) => violationOf(options, trialled)),
  };
}

function pointsOf(trials: readonly Trialled[]): readonly PointCount[] {
  const counts = new Map<string, PointCount>();
  const add = (part: Part, call: string | undefined, before: number, after: number): void => {
    if (call === undefined) return;
    const count = counts.get(`${part} ${call}`) ?? { part, call, before: 0, after: 0 };
    counts.set(`${part} ${call}`, { ...count, before: count.before + before, after: count.after + after });
  };
  for (const { part, before, after } of trials) {
    add(part, before, 1, 0);
    add(part, after, 0, 1);
  }
  return [...counts.keys()].sort().flatMap((key) => counts.get(key) ?? []);
}

function violationOf(options: SoakOptions, { part, round, trial, point, faults }: Trialled): Violation {
  return { where: `${part} ${round}.${trial}: ${point}`, faults, reproduce: commandOf(options, part, round, trial) };
}

/** The command that runs this trial and no other. */
function commandOf(options: SoakOptions, part: Part, round: number, trial: number): string {
  const { seed, points, nodes, homes, slots } = options;
  const own = {
    devices: `--homes ${homes} --slots ${slots}`,
    frames: `--frames ${options.frames}`,
    gate: `--connections ${options.connections}`,
    orders: `--orders ${options.orders} --cuts ${options.cuts}`,
  } as const;
  if (Object.hasOwn(own, part)) return `npm run soak -- --seed ${seed} ${own[part as keyof typeof own]} --only ${part}`;
  const named = part === "determinism" ? nodes.map((node) => ` --node ${node}`).join("") : "";
  return `npm run soak -- --seed ${seed} --points ${points} --only ${part} --at ${round}.${trial}${named}`;
}

/** One line on a trial, as it is done. */
export function progressLine(options: SoakOptions, trialled: Trialled): string {
  const { part, round, trial, point, faults, story } = trialled;
  const outcome = faults.length === 0 ? `${story}; right in the end` : `VIOLATED: ${faults.join("; ")}`;
  const again = faults.length === 0 ? "" : `; again: ${commandOf(options, part, round, trial)}`;
  return `seed ${options.seed} ${part} ${round}.${trial} ${point}: ${outcome}${again}`;
}

/** The report as a table. */
export function reportTable(report: SoakReport): string {
  const { seed, rounds, trials, points, acknowledged, lost, doubled, skipped, figures, violations } = report;
  const width = Math.max(...points.map(({ call }) => call.length), "system call, file, phase".length);
  const row = (part: string, call: string, before: string, after: string): string =>
    `${part.padEnd(6)} ${call.padEnd(width)} ${before.padStart(6)} ${after.padStart(6)}`;
  return [
    `seed ${seed}, ${rounds} rounds`,
    "",
    row("part", "system call, file, phase", "before", "after"),
    ...points.map(({ part, call, before, after }) => row(part, call, String(before), String(after))),
    "",
    ...Object.entries(trials).map(([part, count]) => `${part.padEnd(LABEL)} ${count} trials`),
    `${"acknowledged commands".padEnd(LABEL)} ${acknowledged}`,
    `${"lost".padEnd(LABEL)} ${lost}`,
    `${"doubled".padEnd(LABEL)} ${doubled}`,
    ...skipped.map(({ part, reason }) => `${part.padEnd(LABEL)} skipped: ${reason}`),
    ...Object.entries(figures).flatMap(([part, ofPart = {}]) => [
      "",
      ...Object.entries(ofPart).map(([name, value]) => `${part} ${name.padEnd(LABEL - 1 - part.length)} ${value}`),
      "",
    ]),
    `${"violations".padEnd(LABEL)} ${violations.length}`,
    ...violations.flatMap(({ where, faults, reproduce }) => [
      where,
      ...faults.map((fault) => `  ${fault}`),
      `  ${reproduce}`,
    ]),
    "",
  ].join("\n");
}
